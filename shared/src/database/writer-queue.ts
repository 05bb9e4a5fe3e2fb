import { LockTimeoutError } from './database-errors.ts';
import { createTurns } from './turns.ts';

export interface WriterQueue {
  /** Resolves when it is this caller's turn; rejects with a LockTimeoutError if that takes too long. */
  readonly acquire: () => Promise<void>;
  readonly release: () => void;
}

/** SQLite has one writer at a time, and this process one connection that writes: whoever wants it queues here. */
export const createWriterQueue = (timeoutMs: number): WriterQueue => {
  const { take, pass } = createTurns(timeoutMs);
  return {
    acquire: async () => {
      if (await take()) return;
      const hint = 'does the work inside a transaction use the database instead of the transaction?';
      throw new LockTimeoutError(`the database was not free for writing within ${timeoutMs} ms (${hint})`);
    },
    release: pass,
  };
};
