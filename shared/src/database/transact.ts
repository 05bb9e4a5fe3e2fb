/**
 * Problem: each engine fails differently when a transaction loses a race, and stores should not have to know.
 * Guarantees: all of the work commits, or none of it. Rows read with forUpdate() do not change until the commit (on
 * SQLite this holds for all rows, because there is one writer). If the transaction was given up because of another (on
 * Postgres 40001 and 40P01), the whole work runs again.
 * Does NOT guarantee: that the work runs only once (keep effects other than SQL out of it), nor the outcome of a commit
 * whose connection was lost before the response (use an idempotency key).
 *
 * SQLite: transactions take turns on the one connection that writes: within a process in order of arrival, between
 * processes by BEGIN IMMEDIATE with a bounded wait. Those that wait share one commit (see group-commit.ts). Reads outside
 * transactions use another connection, never wait, and see everything committed so far. A transaction must not wait for
 * anything but the database, because it would block every other writer.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, Transaction } from 'kysely';
import { takeCallbacks } from './after-commit.ts';
import { DatabaseUnavailableError, isSerializationConflict } from './database-errors.ts';
import { beforeCommitOf, type Executor, hasChangedRows } from './engine.ts';

/** Upper bound of the first pause, doubled for each later one. Each pause is a random share of its bound. */
const BACKOFF_MS = 20;

interface TransactOptions {
  /** For Postgres (default read committed). SQLite's transactions are always serializable. */
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  /** Most runs of the work, including the first (default 5). */
  readonly attempts?: number;
  readonly sleep?: (durationMs: number) => Promise<unknown>;
  readonly random?: () => number;
  /**
   * Ends waits for a turn, a connection or a lock, and is checked again before the commit. If it is aborted, `transact`
   * rolls back and rejects with the signal's reason. A commit that has started is not interrupted.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Of a commit that failed. After an error of the database itself, such as a lost connection, it may have been stored. */
const wasRolledBack = (error: unknown): boolean =>
  !(error instanceof DatabaseUnavailableError) || isSerializationConflict(error);

const runOnce = async <Tables, Result>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
  { isolation, signal }: TransactOptions,
): Promise<Result> => {
  const beforeCommit = beforeCommitOf(db);
  let whenEnded: ((isCommitted: boolean) => void) | undefined;
  let isCommitted = false;
  let callbacks: Awaited<ReturnType<typeof takeCallbacks>> = [];
  const run = async (trx: Transaction<Tables>): Promise<Result> => {
    signal?.throwIfAborted();
    // Those of an earlier transaction on this connection that was rolled back.
    await takeCallbacks(trx);
    const result = await work(trx);
    // The hook has tables of its own, whatever those of the work are.
    if (beforeCommit && (await hasChangedRows(trx)))
      whenEnded = await beforeCommit(trx as Transaction<unknown>);
    const wanted = await takeCallbacks(trx);
    signal?.throwIfAborted();
    callbacks = wanted;
    return result;
  };
  try {
    const result = await db.connection().execute(
      (connection) => {
        const transaction = connection.transaction();
        return (isolation ? transaction.setIsolationLevel(isolation) : transaction).execute(run);
      },
      { signal },
    );
    isCommitted = true;
    return result;
  } catch (error) {
    if (wasRolledBack(error)) callbacks = [];
    throw error;
  } finally {
    whenEnded?.(isCommitted);
    for (const callback of callbacks) await callback();
  }
};

/**
 * Runs the work in a transaction: commits when its promise resolves, rolls back when it rejects. If `db` is a
 * transaction, the work joins it and the options are ignored; commit or rollback is then up to the code that opened it.
 * Rejects with the work's own error, or with the database's (see isLockTimeout, isUniqueViolation).
 */
export const transact = async <Tables, Result>(
  db: Executor<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
  options: TransactOptions = {},
): Promise<Result> => {
  if (db instanceof Transaction) return await work(db);
  const { attempts = 5, sleep = wait, random = Math.random, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await runOnce(db, work, options);
    } catch (error) {
      if (attempt >= attempts || !isSerializationConflict(error)) throw error;
    }
    // Full jitter keeps transactions that collided from colliding again (M. Brooker, "Exponential Backoff and Jitter").
    await sleep(random() * BACKOFF_MS * 2 ** (attempt - 1));
  }
};
