import { engineOf } from '@lab/shared/database';
import { sql, type Transaction } from 'kysely';

/**
 * Limits the wait of this transaction for each further lock to `waitMs` (1 or more) if it would wait longer. On SQLite
 * the transaction already holds the only lock.
 */
export const limitLockWait = async <Tables>(trx: Transaction<Tables>, waitMs: number): Promise<void> => {
  if (engineOf(trx) !== 'postgres') return;
  const known = sql`extract(epoch from current_setting('lock_timeout')::interval) * 1000`;
  // In Postgres, 0 means no limit.
  const least = sql`ceil(least(${waitMs}::numeric, nullif(${known}, 0)))::int::text`;
  await sql`select set_config('lock_timeout', ${least}, true)`.execute(trx);
};
