import { DatabaseUnavailableError } from './database-errors.ts';

export interface Turns {
  /**
   * Resolves when it is this caller's turn, which ends when it calls `pass`. Rejects with a lock timeout after `waitMs`
   * or if too many are already waiting, and with the signal's reason if that aborts. The caller then has no turn.
   */
  readonly take: (signal?: AbortSignal) => Promise<void>;
  readonly pass: () => void;
  /** Whether no caller has the turn or waits for it. */
  readonly isFree: () => boolean;
  /** Whether a caller waits for its turn. */
  readonly isAwaited: () => boolean;
}

const noTurn = (reason: string) => new DatabaseUnavailableError('lock_timeout', { cause: new Error(reason) });

/**
 * One at a time, first come, first served. A turn is passed on through the event loop, so that between two turns of
 * blocking work the process can send responses and accept requests.
 */
export const createTurns = (
  waitMs: number,
  {
    hint = '',
    maxWaiting = Number.POSITIVE_INFINITY,
  }: { readonly hint?: string; readonly maxWaiting?: number } = {},
): Turns => {
  const waiting = new Set<() => void>();
  let isTaken = false;

  const wait = (signal: AbortSignal | undefined): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // From here on this caller cannot give up: a turn given to a caller that has left would never be passed on.
    const takeTurn = (): void => {
      settle();
      setImmediate(resolve);
    };
    const giveUp = (reason: unknown): void => {
      settle();
      reject(reason);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const onTimeout = (): void => giveUp(noTurn(`no turn within ${waitMs} ms${hint}`));
    const timer = setTimeout(onTimeout, waitMs);
    const settle = (): void => {
      waiting.delete(takeTurn);
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    waiting.add(takeTurn);
    return promise;
  };

  return {
    take: async (signal) => {
      signal?.throwIfAborted();
      if (isTaken && waiting.size >= maxWaiting) throw noTurn(`${maxWaiting} are already waiting for a turn`);
      if (isTaken) return wait(signal);
      isTaken = true;
    },
    pass: () => {
      const [next] = waiting;
      if (next === undefined) isTaken = false;
      else next();
    },
    isFree: () => !isTaken,
    isAwaited: () => waiting.size > 0,
  };
};
