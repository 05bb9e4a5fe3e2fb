import type { Executor } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import type { AccountTables, SessionTables } from './tables.ts';

type Tables = AccountTables & SessionTables;

const BATCH = 500;

const expiring = [
  { table: 'account_sessions', key: 'id' },
  { table: 'account_registrations', key: 'token_hash' },
  { table: 'account_resets', key: 'token_hash' },
] as const;

/** Deletes expired sessions and tokens, in batches, so that other writers get their turn between two statements. */
export const sweepExpired = async (
  db: Executor<Tables>,
  now: Date,
  signal?: AbortSignal,
): Promise<number> => {
  let total = 0;
  for (const { table, key } of expiring) {
    let deleted = BATCH;
    while (deleted === BATCH && !signal?.aborted) {
      const expired = db
        .selectFrom(table)
        .select(key)
        .where('expires_at', '<=', now.getTime())
        .orderBy('expires_at')
        .limit(BATCH);
      const { numDeletedRows } = await db
        .deleteFrom(table)
        .where(key, 'in', expired)
        .executeTakeFirstOrThrow();
      deleted = Number(numDeletedRows);
      total += deleted;
    }
  }
  return total;
};

interface Deps {
  readonly db: Executor<Tables>;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
}

/** Sweeps now and after each pause. Any number of processes can run it on one database. */
export const startAccountSweeper = (
  { db, now, onError }: Deps,
  { intervalMs }: { readonly intervalMs: number },
): PeriodicTask => runPeriodically((signal) => sweepExpired(db, now(), signal), { intervalMs, onError });
