import { setTimeout as wait } from 'node:timers/promises';

export interface PeriodicOptions {
  /** Pause between the end of one run and the start of the next, in milliseconds. */
  readonly intervalMs: number;
  /** Told of each run that failed; the next one comes after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Stops the task, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface PeriodicTask extends AsyncDisposable {
  /** Starts no further run, aborts the signal of the current one, and resolves when that has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs the task now, and again after a pause, until it is stopped. Runs never overlap. A process with nothing else left
 * to do ends during a pause. Other processes may run the same task at the same time: it must stand that.
 */
export const runPeriodically = (
  task: (signal: AbortSignal) => Promise<unknown>,
  {
    intervalMs,
    onError,
    signal: outer,
    sleep = (ms, signal) => wait(ms, undefined, { signal, ref: false }),
  }: PeriodicOptions,
): PeriodicTask => {
  const stopping = new AbortController();
  const signal = outer ? AbortSignal.any([outer, stopping.signal]) : stopping.signal;

  const runUntilStopped = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await task(signal);
      } catch (error) {
        if (error !== signal.reason) onError(error);
      }
      if (!signal.aborted) await sleep(intervalMs, signal).catch(() => undefined);
    }
  };

  const ended = runUntilStopped();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ended;
  };
  return { stop, [Symbol.asyncDispose]: stop };
};
