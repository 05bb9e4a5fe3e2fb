import type { Transaction } from 'kysely';
import type { SlowQuery } from './slow-queries.ts';

/**
 * Runs inside a transaction that has changed rows, after its work and before its commit. What it writes commits with the
 * transaction, and if it rejects, everything is rolled back. The function that it resolves with is called when the
 * transaction has ended, and is told whether it has certainly been committed.
 */
export type BeforeCommit = (
  trx: Transaction<unknown>,
) => Promise<((isCommitted: boolean) => void) | undefined>;

export interface DatabaseOptions {
  /** A statement that takes at least this long is reported (default 100). */
  readonly slowQueryMs?: number;
  /** Called with each slow statement: its SQL, never its parameter values. */
  readonly onSlowQuery?: (query: SlowQuery) => void;
  /** Postgres: called when a connection breaks, even an idle one. The pool replaces it. */
  readonly onConnectionError?: (error: Error) => void;
  /** Longest wait for a lock: on a row in Postgres, on the only writer in SQLite (default 10,000). */
  readonly lockTimeoutMs?: number;
  /** Postgres: longest run of one statement, including its lock waits (default 15,000). */
  readonly statementTimeoutMs?: number;
  /** Longest pause between two statements of a transaction, which is rolled back then (default 15,000). */
  readonly idleInTransactionTimeoutMs?: number;
  /** Postgres: longest wait for a connection, new or from the pool (default 5,000). */
  readonly connectionTimeoutMs?: number;
  /** Postgres: most connections of this process (default 10), plus one for health checks and cancellations. */
  readonly poolSize?: number;
  /** Most prepared statements that one connection keeps (default 500). */
  readonly preparedStatements?: number;
  /** Called before each transaction that has changed rows commits (default: nothing). */
  readonly beforeCommit?: BeforeCommit;
}

export type DatabaseSettings = Required<Omit<DatabaseOptions, 'beforeCommit'>> &
  Pick<DatabaseOptions, 'beforeCommit'>;

const ignore = (): void => undefined;

export const withDefaults = (options: DatabaseOptions): DatabaseSettings => ({
  slowQueryMs: 100,
  onSlowQuery: ignore,
  onConnectionError: ignore,
  lockTimeoutMs: 10_000,
  statementTimeoutMs: 15_000,
  idleInTransactionTimeoutMs: 15_000,
  connectionTimeoutMs: 5_000,
  poolSize: 10,
  preparedStatements: 500,
  ...options,
});

interface Log {
  readonly warn: (fields: object, message: string) => void;
}

// Enough to recognize a statement. One that inserts a thousand rows has tens of thousands.
const LOGGED_CHARACTERS = 1_000;

/** The options of `openDatabase` from a server's settings. Slow statements and broken connections are logged. */
export const databaseOptions = (settings: { readonly SLOW_QUERY_MS: number }, log: Log): DatabaseOptions => ({
  slowQueryMs: settings.SLOW_QUERY_MS,
  onSlowQuery: ({ sql, durationMs }) =>
    log.warn({ sql: sql.slice(0, LOGGED_CHARACTERS), duration_ms: durationMs }, 'slow query'),
  onConnectionError: (error) => log.warn({ err: error }, 'database connection lost'),
});
