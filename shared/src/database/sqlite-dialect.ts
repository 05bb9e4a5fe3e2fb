import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { DatabaseSettings } from './database-options.ts';
import { createSlowQueryWatch } from './slow-queries.ts';
import { SqliteConnection, type SqliteResources } from './sqlite-connection.ts';
import { openReader, openWriter } from './sqlite-file.ts';
import { createStatementCache } from './statement-cache.ts';
import { createWriterQueue } from './writer-queue.ts';

/** SQLite as it is used here: our driver does the queueing, and DDL is as transactional as any other statement. */
export class SqliteEngine extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

const sqlite = (connection: DatabaseConnection): SqliteConnection => {
  if (connection instanceof SqliteConnection) return connection;
  throw new TypeError('a connection of another driver');
};

const openResources = async (path: string, settings: DatabaseSettings): Promise<SqliteResources> => {
  const { lockTimeoutMs, preparedStatements } = settings;
  const writer = await openWriter(path, lockTimeoutMs);
  const reader = openReader(path);
  return {
    writer,
    reader,
    prepareOnWriter: createStatementCache(writer, preparedStatements),
    prepareOnReader: reader && createStatementCache(reader, preparedStatements),
    queue: createWriterQueue(lockTimeoutMs),
    watch: createSlowQueryWatch(settings),
    lockTimeoutMs,
  };
};

const createSqliteDriver = (path: string, settings: DatabaseSettings): Driver => {
  let opened: SqliteResources | undefined;

  const resources = (): SqliteResources => {
    if (opened === undefined) throw new Error('the driver was not initialised');
    return opened;
  };

  return {
    init: async () => {
      opened = await openResources(path, settings);
    },
    acquireConnection: async () => new SqliteConnection(resources()),
    beginTransaction: (connection) => sqlite(connection).begin(),
    commitTransaction: async (connection) => sqlite(connection).commit(),
    rollbackTransaction: async (connection) => sqlite(connection).rollback(),
    releaseConnection: async (connection) => sqlite(connection).release(),
    destroy: async () => {
      const { queue, reader, writer } = resources();
      // An open transaction may end first; one that never does is cut off, and thereby rolled back.
      await queue.acquire().catch(() => undefined);
      reader?.close();
      writer.close();
    },
  };
};

export const createSqliteDialect = (path: string, settings: DatabaseSettings): Dialect => ({
  createDriver: () => createSqliteDriver(path, settings),
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteEngine(),
  createIntrospector: (db) => new SqliteIntrospector(db),
});
