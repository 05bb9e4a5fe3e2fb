import { type Kysely, sql, type Transaction } from 'kysely';
import { PostgresEngine } from './postgres-dialect.ts';
import { SqliteEngine } from './sqlite-dialect.ts';

export type Engine = 'sqlite' | 'postgres';

/**
 * What a store works on: the database, or a transaction that several stores share. A database with more tables
 * than these is one with these.
 */
export type Executor<Tables> = Kysely<Tables> | Transaction<Tables>;

/** The engine under a database or transaction, where SQL must differ. Prefer the named differences beside it. */
export const engineOf = <Tables>(db: Executor<Tables>): Engine => {
  const { adapter } = db.getExecutor();
  if (adapter instanceof SqliteEngine) return 'sqlite';
  if (adapter instanceof PostgresEngine) return 'postgres';
  throw new TypeError('the database was not opened by openDatabase()');
};

/**
 * Locks the rows that a query selects until the transaction ends: `.$call(forUpdate(trx))`. On SQLite nothing is
 * left to lock: its transactions begin as the one writer.
 */
export const forUpdate =
  <Tables>(trx: Transaction<Tables>) =>
  <Query extends { forUpdate(): Query }>(query: Query): Query =>
    engineOf(trx) === 'postgres' ? query.forUpdate() : query;

/**
 * Lets this transaction wait at most `waitMs` (1 or more) for each further lock, where it would wait longer. On SQLite
 * it has all locks there are.
 */
export const limitLockWait = async <Tables>(trx: Transaction<Tables>, waitMs: number): Promise<void> => {
  if (engineOf(trx) !== 'postgres') return;
  const known = sql`extract(epoch from current_setting('lock_timeout')::interval) * 1000`;
  // To Postgres 0 is no limit.
  const least = sql`ceil(least(${waitMs}::numeric, nullif(${known}, 0)))::int::text`;
  await sql`select set_config('lock_timeout', ${least}, true)`.execute(trx);
};
