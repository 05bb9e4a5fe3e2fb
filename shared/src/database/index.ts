/** Typed SQL on SQLite and Postgres, with the same stores and guarantees. `DATABASE_URL` selects the engine. */
export { afterCommit } from './after-commit.ts';
export {
  DatabaseUnavailableError,
  isLockTimeout,
  isUniqueViolation,
} from './database-errors.ts';
export { type BeforeCommit, type DatabaseOptions, databaseOptions } from './database-options.ts';
export { type Engine, type Executor, engineOf, forUpdate, ping } from './engine.ts';
export { createKeyedQueue, type KeyedQueue } from './keyed-queue.ts';
export { MigrationError, migrate, type SliceMigrations, type SqlMigration } from './migrate.ts';
export { openDatabase } from './open-database.ts';
export { prepareInsert } from './prepared-insert.ts';
export { type Param, type PreparedQuery, prepareQuery } from './prepared-query.ts';
export { runSetup } from './setup.ts';
export type { SlowQuery } from './slow-queries.ts';
export { startDatabase } from './start-database.ts';
export { transact } from './transact.ts';
