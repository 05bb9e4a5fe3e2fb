import { sql } from 'kysely';
import { type Executor, engineOf } from './engine.ts';

/**
 * Asks the database for one answer; resolves with the milliseconds it took. Rejects if the database refuses, or
 * when `timeoutMs` (default 1,000) have passed.
 */
export const ping = async <Tables>(
  db: Executor<Tables>,
  { timeoutMs = 1_000 }: { readonly timeoutMs?: number } = {},
): Promise<number> => {
  const startedAtMs = performance.now();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no answer from the database in ${timeoutMs} ms`)),
    timeoutMs,
  );
  // SQLite answers a constant without a look at its file.
  const question = engineOf(db) === 'sqlite' ? sql`select count(*) from sqlite_schema` : sql`select 1`;
  try {
    await Promise.race([question.execute(db), late]);
    return performance.now() - startedAtMs;
  } finally {
    clearTimeout(timer);
  }
};
