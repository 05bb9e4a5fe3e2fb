import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';
import { NoConnectionError } from './database-errors.ts';
import type { DatabaseSettings } from './database-options.ts';
import { PostgresConnection, type PostgresResources } from './postgres-connection.ts';
import { wholeNumbersAsNumbers } from './postgres-numbers.ts';
import { createSlowQueryWatch } from './slow-queries.ts';

const NETWORK_ALLOWANCE_MS = 5_000;

/** Postgres as it is used here: migrate() takes a lock that ends with its transaction, so Kysely's is not needed. */
export class PostgresEngine extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}

const createPool = (connectionString: string, settings: DatabaseSettings): pg.Pool => {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'ecommerce-lab',
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectionTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
    keepAlive: true,
    types: wholeNumbersAsNumbers,
  });
  // An 'error' that nobody listens to ends the process: a connection may break while idle and while in use.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', settings.onConnectionError));
  return pool;
};

const postgres = (connection: DatabaseConnection): PostgresConnection => {
  if (connection instanceof PostgresConnection) return connection;
  throw new TypeError('a connection of another driver');
};

const beginSql = ({ isolationLevel }: TransactionSettings): string =>
  isolationLevel === undefined ? 'begin' : `begin isolation level ${isolationLevel}`;

const connect = async (pool: pg.Pool): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    throw new NoConnectionError(error);
  }
};

const createPostgresDriver = (connectionString: string, settings: DatabaseSettings): Driver => {
  const pool = createPool(connectionString, settings);
  const connections = new WeakMap<pg.PoolClient, PostgresConnection>();
  const shared: PostgresResources = {
    watch: createSlowQueryWatch(settings),
    preparedStatements: settings.preparedStatements,
    answerTimeoutMs: settings.statementTimeoutMs + NETWORK_ALLOWANCE_MS,
  };

  return {
    init: async () => undefined,
    acquireConnection: async () => {
      const client = await connect(pool);
      const connection = connections.get(client) ?? new PostgresConnection(client, shared);
      connections.set(client, connection);
      return connection;
    },
    beginTransaction: async (connection, transaction) => {
      await postgres(connection).control(beginSql(transaction));
    },
    commitTransaction: async (connection) => {
      const command = await postgres(connection).control('commit');
      // Postgres answers COMMIT with ROLLBACK, and no error, if a statement failed and the work went on regardless.
      if (command === 'ROLLBACK') throw new Error('rolled back: a statement of the transaction had failed');
    },
    rollbackTransaction: (connection) => postgres(connection).rollback(),
    releaseConnection: async (connection) => postgres(connection).release(),
    destroy: () => pool.end(),
  };
};

export const createPostgresDialect = (connectionString: string, settings: DatabaseSettings): Dialect => ({
  createDriver: () => createPostgresDriver(connectionString, settings),
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createAdapter: () => new PostgresEngine(),
  createIntrospector: (db) => new PostgresIntrospector(db),
});
