import { DatabaseUnavailableError } from './database-errors.ts';
import { adapterOf, type Executor } from './engine.ts';

/**
 * Checks that the database responds; resolves with the milliseconds it took. It does not wait for a pool connection or
 * the writer, so that a busy application is not mistaken for a broken database. Rejects with a DatabaseUnavailableError
 * that says what is wrong, or after `timeoutMs` (default 1,000).
 */
export const ping = async <Tables>(
  db: Executor<Tables>,
  { timeoutMs = 1_000 }: { readonly timeoutMs?: number } = {},
): Promise<number> => {
  const startedAtMs = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => {
    const cause = new Error(`no response from the database within ${timeoutMs} ms`);
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
