/**
 * Problem: calls to one slow service pile up until they hold all connections and memory, and everything else stops too.
 * The idea: like the compartments of a ship, each service gets a number of calls at once and a queue of limited length.
 * Guarantees: never more calls under way than `maxCalls`, and never more waiting than `maxQueue`; the rest is refused at
 * once. Those who wait take turns in order of arrival, and leave when their deadline is over or their caller leaves.
 * Does NOT guarantee: anything about work that goes on although its attempt was cut off. See deadline.ts.
 */
import { RefusedError, type Wait } from './call.ts';
import type { Clock } from './clock.ts';

export interface BulkheadOptions {
  /** Most calls at once. */
  readonly maxCalls: number;
  /** Most calls that wait for their turn. */
  readonly maxQueue: number;
}

/** Too many calls are under way, and no turn came in time. */
export class BulkheadFullError extends RefusedError {
  override readonly name = 'BulkheadFullError';
}

export interface BulkheadDeps {
  readonly clock: Clock;
  /** Called for each call that gets no turn. */
  readonly onReject?: () => void;
}

/** A bulkhead for all calls to one service. */
export const createBulkhead = (
  { clock, onReject }: BulkheadDeps,
  { maxCalls, maxQueue }: BulkheadOptions,
) => {
  let underWay = 0;
  const queue = new Set<() => void>();

  const refusal = (detail: string): BulkheadFullError => {
    onReject?.();
    return new BulkheadFullError(detail);
  };

  /** Resolves when it is this caller's turn. The place of the one before is handed over, so `underWay` stays. */
  const turn = ({ deadlineAtMs, signal }: Wait): Promise<void> => {
    if (queue.size >= maxQueue) return Promise.reject(refusal(`${maxQueue} calls are waiting already`));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Leaves the queue at once, so that no turn is given to someone who has gone.
    const giveUp = (reason: () => unknown) => (): void => {
      if (queue.delete(resolve)) reject(reason());
    };
    const leave = giveUp(() => signal?.reason);
    const tooLate = giveUp(() => refusal('no turn before the deadline'));
    const cancelTimer = clock.schedule(deadlineAtMs - clock.nowMs(), tooLate);
    signal?.addEventListener('abort', leave);
    queue.add(resolve);
    return promise.finally(() => {
      cancelTimer();
      signal?.removeEventListener('abort', leave);
    });
  };

  const release = (): void => {
    const [next] = queue;
    if (next === undefined) underWay -= 1;
    else {
      queue.delete(next);
      next();
    }
  };

  return {
    /** Runs the work when it is its turn. Rejects with a BulkheadFullError if none comes. */
    run: async <Value>(work: () => Promise<Value>, wait: Wait): Promise<Value> => {
      if (wait.signal?.aborted) throw wait.signal.reason;
      if (underWay >= maxCalls) await turn(wait);
      else underWay += 1;
      try {
        return await work();
      } finally {
        release();
      }
    },

    underWay: (): number => underWay,
    waiting: (): number => queue.size,
  };
};

export type Bulkhead = ReturnType<typeof createBulkhead>;
