/**
 * Problem: each engine has its own way to lose a race inside a transaction, and a store should know none of them.
 * Guarantees: all of the work is committed, or nothing; what it reads stays true until it commits, if it was read
 * with forUpdate() (SQLite: always, there is one writer). Postgres ending the transaction for another's sake
 * (40001, 40P01) is answered by running the whole work again.
 * Does NOT guarantee: that the work runs once (keep effects other than SQL out of it), nor the outcome of a commit
 * whose connection broke before the answer (use an idempotency key).
 *
 * SQLite: one connection writes, transactions take turns on it, within a process in order of arrival, between
 * processes by BEGIN IMMEDIATE with a bounded wait. Reads outside of transactions run on a connection of their own,
 * wait for nobody and see all that is committed, one's own commits included. So a transaction that waits for
 * something other than the database stops every other writer: do not.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, Transaction } from 'kysely';
import { isSerializationConflict } from './database-errors.ts';
import type { Executor } from './engine.ts';

export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

export interface TransactOptions {
  /** Postgres (default read committed); SQLite's transactions are serializable whatever is asked for. */
  readonly isolation?: Isolation;
  /** Runs of the work at most, the first one included (default 5). */
  readonly attempts?: number;
  /** Ceiling of the first pause, doubled for each one after it; the pause is a random share of it (default 20). */
  readonly backoffMs?: number;
  readonly sleep?: (durationMs: number) => Promise<unknown>;
  readonly random?: () => number;
  /**
   * Ends the waits for a turn, a connection or a lock, and is asked again before the commit: an aborted transaction
   * leaves nothing behind, and `transact` rejects with the signal's reason. A commit that has begun is not interrupted.
   */
  readonly signal?: AbortSignal | undefined;
}

const runOnce = <Tables, Result>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
  { isolation, signal }: TransactOptions,
): Promise<Result> =>
  db.connection().execute(
    (connection) => {
      const transaction = connection.transaction();
      const begun = isolation ? transaction.setIsolationLevel(isolation) : transaction;
      return begun.execute(async (trx) => {
        signal?.throwIfAborted();
        const result = await work(trx);
        signal?.throwIfAborted();
        return result;
      });
    },
    { signal },
  );

/**
 * Runs the work in a transaction: commits when its promise resolves, rolls back when it rejects. Given a
 * transaction it joins that one, and whoever opened it decides on both; the options are then the opener's affair.
 * Rejects with what the work rejects with, or with the database's error (see isLockTimeout, isUniqueViolation).
 */
export const transact = async <Tables, Result>(
  db: Executor<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
  options: TransactOptions = {},
): Promise<Result> => {
  if (db instanceof Transaction) return await work(db);
  const { attempts = 5, backoffMs = 20, sleep = wait, random = Math.random, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await runOnce(db, work, options);
    } catch (error) {
      if (attempt >= attempts || !isSerializationConflict(error)) throw error;
    }
    // Full jitter: contenders that failed together do not meet again (M. Brooker, "Exponential Backoff and Jitter").
    await sleep(random() * backoffMs * 2 ** (attempt - 1));
  }
};
