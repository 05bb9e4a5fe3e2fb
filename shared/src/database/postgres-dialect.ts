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
import { DatabaseUnavailableError } from './database-errors.ts';
import type { BeforeCommit, DatabaseSettings } from './database-options.ts';
import { PostgresConnection, type PostgresResources } from './postgres-connection.ts';
import { postgresStartError } from './postgres-errors.ts';
import { wholeNumbersAsNumbers } from './postgres-numbers.ts';
import { createSlowQueryWatch } from './slow-queries.ts';

const NETWORK_ALLOWANCE_MS = 5_000;

/** Kysely's own migration lock is not needed: migrate() takes a lock that ends with its transaction. */
export class PostgresEngine extends PostgresAdapter {
  readonly ping: () => Promise<void>;
  readonly beforeCommit: BeforeCommit | undefined;

  constructor(ping: () => Promise<void>, { beforeCommit }: DatabaseSettings) {
    super();
    this.ping = ping;
    this.beforeCommit = beforeCommit;
  }

  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}

const createPool = (
  connectionString: string,
  settings: DatabaseSettings,
  options: pg.PoolConfig,
): pg.Pool => {
  const pool = new pg.Pool({
    connectionString,
    application_name: 'ecommerce-lab',
    connectionTimeoutMillis: settings.connectionTimeoutMs,
    keepAlive: true,
    types: wholeNumbersAsNumbers,
    ...options,
  });
  // An 'error' event without a listener ends the process. A connection may break while idle or in use.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', settings.onConnectionError));
  return pool;
};

const postgres = (connection: DatabaseConnection): PostgresConnection => {
  if (connection instanceof PostgresConnection) return connection;
  throw new TypeError('the connection belongs to another driver');
};

const beginSql = ({ isolationLevel }: TransactionSettings): string =>
  isolationLevel === undefined ? 'begin' : `begin isolation level ${isolationLevel}`;

const connect = async (pool: pg.Pool, signal: AbortSignal | undefined): Promise<pg.PoolClient> => {
  try {
    return await pool.connect();
  } catch (error) {
    // Kysely has already rejected with the signal's reason, and would print a later error.
    if (signal?.aborted) return new Promise<never>(() => undefined);
    throw new DatabaseUnavailableError('no_connection', { cause: error });
  }
};

const ping = async (control: pg.Pool): Promise<void> => {
  const { rows } = await control
    .query("select current_setting('transaction_read_only') as read_only")
    .catch((error: unknown) => {
      throw new DatabaseUnavailableError('no_connection', { cause: error });
    });
  if (rows[0]?.read_only === 'on') throw new DatabaseUnavailableError('read_only');
};

const createPostgresDriver = (
  connectionString: string,
  settings: DatabaseSettings,
  control: pg.Pool,
): Driver => {
  const pool = createPool(connectionString, settings, {
    max: settings.poolSize,
    statement_timeout: settings.statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutMs,
  });
  const connections = new WeakMap<pg.PoolClient, PostgresConnection>();
  const shared: PostgresResources = {
    watch: createSlowQueryWatch(settings),
    preparedStatements: settings.preparedStatements,
    answerTimeoutMs: settings.statementTimeoutMs + NETWORK_ALLOWANCE_MS,
    cancel: (backend) => control.query('select pg_cancel_backend($1)', [backend]),
  };

  return {
    init: async () => {
      await control.query('select 1').catch((error: unknown) => {
        throw postgresStartError(connectionString, error);
      });
    },
    acquireConnection: async (options) => {
      const client = await connect(pool, options?.signal);
      const connection = connections.get(client) ?? new PostgresConnection(client, shared);
      connections.set(client, connection);
      try {
        await connection.acquired(options?.signal);
        return connection;
      } catch (error) {
        connection.release();
        throw error;
      }
    },
    beginTransaction: async (connection, transaction) => {
      await postgres(connection).begin(beginSql(transaction));
    },
    commitTransaction: async (connection) => {
      const command = await postgres(connection).control('commit');
      // If a statement failed and the work continued, Postgres responds to COMMIT with ROLLBACK and no error.
      if (command === 'ROLLBACK')
        throw new Error('rolled back because a statement of the transaction failed');
    },
    rollbackTransaction: (connection) => postgres(connection).rollback(),
    releaseConnection: async (connection) => postgres(connection).release(),
    destroy: async () => {
      await Promise.all([pool.end(), control.end()]);
    },
  };
};

export const createPostgresDialect = (connectionString: string, settings: DatabaseSettings): Dialect => {
  // One more connection for pings and cancellations, which must not wait behind the application's queries.
  const control = createPool(connectionString, settings, {
    max: 1,
    query_timeout: settings.connectionTimeoutMs,
    allowExitOnIdle: true,
  });
  return {
    createDriver: () => createPostgresDriver(connectionString, settings, control),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresEngine(() => ping(control), settings),
    createIntrospector: (db) => new PostgresIntrospector(db),
  };
};
