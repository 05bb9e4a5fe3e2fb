import { setTimeout as wait } from 'node:timers/promises';

export interface PeriodicOptions {
  /** Pause between the end of one run and the start of the next, in milliseconds. */
  readonly intervalMs: number;
  /** Called with the error of each failed run. The next run starts after the usual pause. */
  readonly onError: (error: unknown) => void;
  /** Rejects when the signal aborts. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

export interface PeriodicTask extends AsyncDisposable {
  /** Starts no more runs, aborts the signal of the current run, and resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs the task now, and again after each pause, until it is stopped. Runs never overlap. Pauses do not keep the
 * process alive. Other processes may run the same task at the same time, and the task must allow for that.
 */
export const runPeriodically = (
  task: (signal: AbortSignal) => Promise<unknown>,
  {
    intervalMs,
    onError,
    sleep = (ms, signal) => wait(ms, undefined, { signal, ref: false }),
  }: PeriodicOptions,
): PeriodicTask => {
  const stopping = new AbortController();
  const { signal } = stopping;

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
