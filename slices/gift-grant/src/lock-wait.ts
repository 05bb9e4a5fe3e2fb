import { engineOf } from '@lab/shared/database';
import { sql, type Transaction } from 'kysely';

/**
 * Lets this transaction wait at most `waitMs` (1 or more) for each further lock, where it would wait longer. On SQLite
 * the transaction already has the only lock there is.
 */
export const limitLockWait = async <Tables>(trx: Transaction<Tables>, waitMs: number): Promise<void> => {
  if (engineOf(trx) !== 'postgres') return;
  const known = sql`extract(epoch from current_setting('lock_timeout')::interval) * 1000`;
  // To Postgres 0 is no limit.
  const least = sql`ceil(least(${waitMs}::numeric, nullif(${known}, 0)))::int::text`;
  await sql`select set_config('lock_timeout', ${least}, true)`.execute(trx);
};
