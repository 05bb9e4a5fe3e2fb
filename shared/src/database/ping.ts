import { DatabaseUnavailableError } from './database-errors.ts';
import { adapterOf, type Executor } from './engine.ts';

/**
 * Asks the database for one answer, and resolves with the milliseconds it took. It waits neither for a connection of
 * the pool nor for the writer, so that a busy application is not taken for a broken database. Rejects with a
 * DatabaseUnavailableError that says what is wrong, or when `timeoutMs` (default 1,000) have passed.
 */
export const ping = async <Tables>(
  db: Executor<Tables>,
  { timeoutMs = 1_000 }: { readonly timeoutMs?: number } = {},
): Promise<number> => {
  const startedAtMs = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => {
    const cause = new Error(`no answer from the database in ${timeoutMs} ms`);
    reject(new DatabaseUnavailableError('statement_timeout', { cause }));
  };
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    await Promise.race([adapterOf(db).ping(), late]);
    return performance.now() - startedAtMs;
  } finally {
    clearTimeout(timer);
  }
};
