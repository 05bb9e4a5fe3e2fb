/**
 * Problem: several processes start at once on one database, and each finds that tables, indexes or sample data are
 * missing. `create ... if not exists` does not help: on Postgres, two at once fail with a duplicate key.
 * Guarantees: one process at a time sets up a database. Its work commits together or not at all, so a process that is
 * killed midway leaves nothing behind and the next one does all of it. The others wait, then find it done.
 * Does NOT guarantee: anything about transactions outside `runSetup`. Running servers continue to take requests.
 */
import { sql, type Transaction } from 'kysely';
import { isLockTimeout } from './database-errors.ts';
import { type Executor, engineOf } from './engine.ts';
import { transact } from './transact.ts';

// An arbitrary number. Nothing else may use it for an advisory lock.
const POSTGRES_LOCK = 7_215_031_944;
const LONGEST_WAIT_MS = 600_000;

/** SQLite needs no such lock: its transaction holds the only write lock of the file. */
const lockOnPostgres = async <Tables>(trx: Transaction<Tables>): Promise<void> => {
  const limits = {
    lock_timeout: LONGEST_WAIT_MS,
    idle_in_transaction_session_timeout: LONGEST_WAIT_MS,
    // Building an index over millions of rows takes longer than a request's statement is allowed to.
    statement_timeout: 0,
  };
  for (const [setting, ms] of Object.entries(limits)) {
    await sql`select set_config(${setting}, ${String(ms)}, true)`.execute(trx);
  }
  await sql`select pg_advisory_xact_lock(${sql.lit(POSTGRES_LOCK)})`.execute(trx);
};

/**
 * Runs work that prepares a database (migrations, sample data, indexes) in one transaction, in one process at a time.
 * Waits up to ten minutes for another process to finish its setup. If `db` is a transaction, the work joins it.
 */
export const runSetup = async <Tables, Result>(
  db: Executor<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
): Promise<Result> => {
  const giveUpAtMs = performance.now() + LONGEST_WAIT_MS;
  for (;;) {
    try {
      return await transact(db, async (trx) => {
        if (engineOf(trx) === 'postgres') await lockOnPostgres(trx);
        return await work(trx);
      });
    } catch (error) {
      // SQLite waits for its writer only as long as a request may wait. Another process's setup may take longer.
      if (!isLockTimeout(error) || performance.now() >= giveUpAtMs) throw error;
    }
  }
};
