/**
 * Problem: whoever waits for a lock in Postgres holds a connection meanwhile, and a pool has few: many requests for
 * one row stop all others.
 * Guarantees: of all work with one key, one piece at a time runs in this process, in order of arrival; the rest waits
 * outside of the pool, for a bounded time.
 * Does NOT guarantee: anything across processes. It spares connections, and decides no race: the database does.
 */
import { createTurns, type Turns } from './turns.ts';

export interface KeyedQueue {
  /**
   * Runs the work when it is its turn, and tells it how many milliseconds it has waited, 0 if it had not to. Resolves
   * with undefined, and the work is not run, where the wait took too long or the signal aborted it.
   */
  readonly run: <Result>(
    key: string,
    work: (waitedMs: number) => Promise<Result>,
    signal?: AbortSignal,
  ) => Promise<Result | undefined>;
}

const runInTurn = async <Result>(turns: Turns, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } finally {
    turns.pass();
  }
};

export const createKeyedQueue = ({
  waitMs,
}: {
  /** Longest wait for a turn, in milliseconds. */
  readonly waitMs: number;
}): KeyedQueue => {
  const queues = new Map<string, Turns>();
  return {
    run: async (key, work, signal) => {
      const known = queues.get(key);
      const turns = known ?? createTurns(waitMs);
      queues.set(key, turns);
      const startedAtMs = performance.now();
      try {
        if (!(await turns.take(signal))) return undefined;
        const waitedMs = known ? performance.now() - startedAtMs : 0;
        return await runInTurn(turns, () => work(waitedMs));
      } finally {
        if (turns.isFree()) queues.delete(key);
      }
    },
  };
};
