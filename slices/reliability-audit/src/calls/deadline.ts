/**
 * Problem: a call that never returns holds its caller, and everyone who waits for that one.
 * Guarantees: the caller gets an answer or an error when the attempt's time or the call's deadline is over, or as soon as
 * the caller leaves, whichever comes first. The attempt's signal aborts at that moment, so that the work stops too.
 * Does NOT guarantee: that work which ignores its signal stops. It is cut off, and what becomes of it is dropped. Nor
 * that the other side has not acted: a timeout says only that no answer came.
 */
import { type Attempt, type Call, TimeoutError, type Wait } from './call.ts';
import type { Clock } from './clock.ts';

export interface AttemptOptions {
  /** Longest time of one attempt, in milliseconds. */
  readonly attemptTimeoutMs: number;
  readonly clock: Clock;
}

/** Starts the call. One that throws at once has failed like any other. */
const start = async <Value>(call: Call<Value>, attempt: Attempt): Promise<Value> => call(attempt);

/** Makes one attempt. Rejects with a TimeoutError in time, or with the reason of `signal` when the caller leaves. */
export const attemptInTime = <Value>(
  call: Call<Value>,
  number: number,
  { deadlineAtMs, signal }: Wait,
  { attemptTimeoutMs, clock }: AttemptOptions,
): Promise<Value> => {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const timeoutMs = Math.min(attemptTimeoutMs, deadlineAtMs - clock.nowMs());
  if (timeoutMs <= 0) return Promise.reject(new TimeoutError(`no time was left for attempt ${number}`));
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const aborting = new AbortController();
  const cutOff = (reason: unknown): void => {
    finish();
    // The caller first: an error that the abort causes comes too late to hide the reason.
    reject(reason);
    aborting.abort(reason);
  };
  const cancelTimer = clock.schedule(timeoutMs, () =>
    cutOff(new TimeoutError(`attempt ${number} got no answer within ${Math.round(timeoutMs)} ms`)),
  );
  const leave = (): void => cutOff(signal?.reason);
  signal?.addEventListener('abort', leave);
  const finish = (): void => {
    cancelTimer();
    signal?.removeEventListener('abort', leave);
  };
  // After a cut-off these do nothing: a late value or error is dropped.
  start(call, { signal: aborting.signal, number }).then(
    (value) => {
      finish();
      resolve(value);
    },
    (error: unknown) => {
      finish();
      reject(error);
    },
  );
  return promise;
};
