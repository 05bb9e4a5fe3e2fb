/**
 * Problem: a cache that is told of a change before the commit loads the old row again, and one that is never told keeps it.
 * Guarantees: what is registered in a transaction is called once, after its commit, and before `transact` resolves. Also
 * if the connection was lost during the commit, because it may have been carried out. A rollback forgets it.
 * Does NOT guarantee: anything after a crash between the commit and the call.
 */
import type { DatabaseConnection, Transaction } from 'kysely';

/** Must not reject: the transaction has been committed. */
type Callback = () => Promise<unknown> | unknown;

// A transaction has its connection alone, while there are several objects for one transaction (`withTables`).
const registered = new WeakMap<DatabaseConnection, Callback[]>();

const onConnection = <Tables, Result>(
  trx: Transaction<Tables>,
  use: (connection: DatabaseConnection) => Result,
): Promise<Result> => trx.getExecutor().provideConnection(async (connection) => use(connection));

/** Calls back after the commit of the transaction, whoever opened it. */
export const afterCommit = <Tables>(trx: Transaction<Tables>, callback: Callback): Promise<void> =>
  onConnection(trx, (connection) => {
    registered.set(connection, [...(registered.get(connection) ?? []), callback]);
  });

/** What has been registered in the transaction; forgotten from now on. */
export const takeCallbacks = <Tables>(trx: Transaction<Tables>): Promise<readonly Callback[]> =>
  onConnection(trx, (connection) => {
    const callbacks = registered.get(connection) ?? [];
    registered.delete(connection);
    return callbacks;
  });
