/**
 * Problem: a request that waits for a Postgres lock occupies a connection, and a pool has few. Many requests for one
 * row therefore block all others.
 * Guarantees: work with the same key runs one piece at a time in this process, in order of arrival. The rest waits
 * outside the pool, for a bounded time and in a bounded number.
 * Does NOT guarantee: anything across processes. It saves connections; races are still decided by the database.
 */
import { createTurns } from './turns.ts';

export interface KeyedQueue {
  /**
   * Runs the work when it is its turn, and passes it the milliseconds that it waited (0 if it did not). Rejects without
   * running the work if the wait takes too long or too many are already waiting (see isLockTimeout), or with the
   * signal's reason if the signal aborts the wait. Work that has started is not interrupted.
   */
  readonly run: <Result>(
    key: string,
    work: (waitedMs: number) => Promise<Result>,
    signal?: AbortSignal,
  ) => Promise<Result>;
}

export const createKeyedQueue = ({
  waitMs,
  maxWaiting = 1000,
}: {
  /** Longest wait for a turn, in milliseconds. */
  readonly waitMs: number;
  /** Most that may wait for one key (default 1,000): each uses memory, and the last one waits for all others. */
  readonly maxWaiting?: number;
}): KeyedQueue => {
  const queues = new Map<string, ReturnType<typeof createTurns>>();
  return {
    run: async (key, work, signal) => {
      signal?.throwIfAborted();
      const known = queues.get(key);
      const turns = known ?? createTurns(waitMs, { maxWaiting });
      queues.set(key, turns);
      const startedAtMs = performance.now();
      await turns.take(signal);
      try {
        return await work(known ? performance.now() - startedAtMs : 0);
      } finally {
        turns.pass();
        if (turns.isFree()) queues.delete(key);
      }
    },
  };
};
