/**
 * Problem: whoever waits for a lock in Postgres holds a connection meanwhile, and a pool has few: many requests for
 * one row stop all others.
 * Guarantees: of all work with one key, one piece at a time runs in this process, in order of arrival; the rest waits
 * outside of the pool, for a bounded time and in a bounded number.
 * Does NOT guarantee: anything across processes. It saves connections but decides no race: the database does.
 */
import { createTurns } from './turns.ts';

export interface KeyedQueue {
  /**
   * Runs the work when it is its turn, and tells it how many milliseconds it has waited, 0 if it did not have to.
   * Rejects without running the work when the wait takes too long or too many wait already (see isLockTimeout), and with the signal's reason
   * when the signal aborts the wait. Work that has begun is not interrupted.
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
  /** Most that wait for one key (default 1,000): each holds memory, and the last one waits for all others. */
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
