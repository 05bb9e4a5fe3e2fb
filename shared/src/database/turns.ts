export interface Turns {
  /**
   * Resolves with true when it is this caller's turn, which ends with its `pass`; with false, and no turn, when that
   * takes longer than it may, or when the signal aborts.
   */
  readonly take: (signal?: AbortSignal) => Promise<boolean>;
  readonly pass: () => void;
  /** Whether nobody has the turn and nobody waits for it. */
  readonly isFree: () => boolean;
}

/**
 * One at a time, first come, first served. A turn passes on through the event loop, so that a long queue of work
 * which blocks the thread lets answers out and requests in between two turns.
 */
export const createTurns = (waitMs: number): Turns => {
  const waiting = new Set<() => void>();
  let isTaken = false;

  const wait = (signal: AbortSignal | undefined): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    // From here on nobody gives up: a turn given to somebody who has left would be nobody's for ever.
    const takeTurn = (): void => {
      settle();
      setImmediate(resolve, true);
    };
    const giveUp = (): void => {
      settle();
      resolve(false);
    };
    const timer = setTimeout(giveUp, waitMs);
    const settle = (): void => {
      waiting.delete(takeTurn);
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    };
    signal?.addEventListener('abort', giveUp);
    waiting.add(takeTurn);
    return promise;
  };

  return {
    take: async (signal) => {
      if (signal?.aborted) return false;
      if (isTaken) return wait(signal);
      isTaken = true;
      return true;
    },
    pass: () => {
      const [next] = waiting;
      if (next === undefined) isTaken = false;
      else next();
    },
    isFree: () => !isTaken,
  };
};
