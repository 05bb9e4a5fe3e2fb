import type { Kysely, Transaction } from 'kysely';
import type { BeforeCommit } from './database-options.ts';
import { PostgresConnection } from './postgres-connection.ts';
import { PostgresEngine } from './postgres-dialect.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { SqliteEngine } from './sqlite-dialect.ts';

export type Engine = 'sqlite' | 'postgres';

/**
 * What a store runs its queries on: the database, or a transaction that several stores share. It may have more tables
 * than these.
 */
export type Executor<Tables> = Kysely<Tables> | Transaction<Tables>;

/** The engine adapter of a database or transaction. */
const adapterOf = <Tables>(db: Executor<Tables>): SqliteEngine | PostgresEngine => {
  const { adapter } = db.getExecutor();
  if (adapter instanceof SqliteEngine || adapter instanceof PostgresEngine) return adapter;
  throw new TypeError('the database was not opened by openDatabase()');
};

/**
 * The engine of a database or transaction, for SQL that must differ. Prefer functions that hide the difference, such as
 * `forUpdate`.
 */
export const engineOf = <Tables>(db: Executor<Tables>): Engine =>
  adapterOf(db) instanceof SqliteEngine ? 'sqlite' : 'postgres';

/**
 * Locks the rows that a query selects until the transaction ends: `.$call(forUpdate(trx))`. SQLite needs no row locks:
 * its transactions hold the only write lock from the start.
 */
export const forUpdate =
  <Tables>(trx: Transaction<Tables>) =>
  <Query extends { forUpdate(): Query }>(query: Query): Query =>
    engineOf(trx) === 'postgres' ? query.forUpdate() : query;

/** What `openDatabase` was told to run before the commit of each transaction that has changed rows. */
export const beforeCommitOf = <Tables>(db: Executor<Tables>): BeforeCommit | undefined =>
  adapterOf(db).beforeCommit;

/** Whether a statement of the transaction has changed rows so far. */
export const hasChangedRows = <Tables>(trx: Transaction<Tables>): Promise<boolean> =>
  trx.getExecutor().provideConnection(async (connection) => {
    const isOurs = connection instanceof SqliteConnection || connection instanceof PostgresConnection;
    return isOurs && connection.hasChangedRows;
  });

/**
 * Asks the database for one answer. It waits neither for a connection of the pool nor for the writer, so that a busy
 * application is not taken for a broken database. Rejects with a DatabaseUnavailableError that says what is wrong. How
 * long that may take is up to the health check (see `createHealth`).
 */
export const ping = <Tables>(db: Executor<Tables>): Promise<void> => adapterOf(db).ping();
