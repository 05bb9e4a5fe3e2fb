export { upsertAgainOnCollision } from './collision.ts';
/** Typed SQL on SQLite and on Postgres: the same stores, the same guarantees, `DATABASE_URL` decides. */
export { isDatabaseBusy, isLockTimeout, isUniqueViolation, LockTimeoutError } from './database-errors.ts';
export { type DatabaseOptions, databaseOptions } from './database-options.ts';
export { type Engine, type Executor, engineOf, forUpdate, limitLockWait } from './engine.ts';
export { isOneOf } from './is-one-of.ts';
export { createKeyedQueue, type KeyedQueue } from './keyed-queue.ts';
export { MigrationError, migrate, type SliceMigrations } from './migrate.ts';
export { openDatabase } from './open-database.ts';
export { ping } from './ping.ts';
export { type Param, type PreparedQuery, prepareQuery } from './prepared-query.ts';
export { type ColumnTypes, columnTypes, createTable } from './schema.ts';
export type { SlowQuery } from './slow-queries.ts';
export { startDatabase } from './start-database.ts';
export { type Isolation, type TransactOptions, transact } from './transact.ts';
