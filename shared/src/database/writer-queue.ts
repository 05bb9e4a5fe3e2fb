import { LockTimeoutError } from './database-errors.ts';

export interface WriterQueue {
  /** Resolves when it is this caller's turn; rejects with a LockTimeoutError if that takes too long. */
  readonly acquire: () => Promise<void>;
  readonly release: () => void;
}

/**
 * SQLite has one writer at a time, and this process one connection that writes: whoever wants it queues here, first
 * come, first served. The turn passes on through the event loop, so that a long queue of transactions, each of
 * which blocks the thread for its fsync, lets answers out and requests in between two of them.
 */
export const createWriterQueue = (timeoutMs: number): WriterQueue => {
  const waiting = new Set<() => void>();
  let isTaken = false;

  return {
    acquire: () => {
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve();
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = setTimeout(() => {
        waiting.delete(takeTurn);
        const hint = 'does the work inside a transaction use the database instead of the transaction?';
        reject(
          new LockTimeoutError(`the database was not free for writing within ${timeoutMs} ms (${hint})`),
        );
      }, timeoutMs);
      const takeTurn = (): void => {
        clearTimeout(giveUp);
        resolve();
      };
      waiting.add(takeTurn);
      return promise;
    },
    release: () => {
      const [next] = waiting;
      if (next === undefined) {
        isTaken = false;
        return;
      }
      waiting.delete(next);
      setImmediate(next);
    },
  };
};
