import type { Kysely, Transaction } from 'kysely';
import { PostgresEngine } from './postgres-dialect.ts';
import { SqliteEngine } from './sqlite-dialect.ts';

export type Engine = 'sqlite' | 'postgres';

/**
 * What a store works on: the database, or a transaction that several stores share. A database with more tables
 * than these is one with these.
 */
export type Executor<Tables> = Kysely<Tables> | Transaction<Tables>;

/** What is known of the engine under a database or transaction. */
export const adapterOf = <Tables>(db: Executor<Tables>): SqliteEngine | PostgresEngine => {
  const { adapter } = db.getExecutor();
  if (adapter instanceof SqliteEngine || adapter instanceof PostgresEngine) return adapter;
  throw new TypeError('the database was not opened by openDatabase()');
};

/** The engine under a database or transaction, where SQL must differ. Prefer the named differences beside it. */
export const engineOf = <Tables>(db: Executor<Tables>): Engine =>
  adapterOf(db) instanceof SqliteEngine ? 'sqlite' : 'postgres';

/**
 * Locks the rows that a query selects until the transaction ends: `.$call(forUpdate(trx))`. On SQLite nothing is
 * left to lock: its transactions begin as the one writer.
 */
export const forUpdate =
  <Tables>(trx: Transaction<Tables>) =>
  <Query extends { forUpdate(): Query }>(query: Query): Query =>
    engineOf(trx) === 'postgres' ? query.forUpdate() : query;
