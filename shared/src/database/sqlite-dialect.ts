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
import {
  type ReadResult,
  readOnReader,
  SqliteConnection,
  type SqliteQuery,
  type SqliteResources,
} from './sqlite-connection.ts';
import { openReader, openWriter } from './sqlite-file.ts';
import { createStatementCache } from './statement-cache.ts';
import { createWriterQueue } from './writer-queue.ts';

/** SQLite as it is used here: our driver does the queueing, and DDL is as transactional as any other statement. */
export class SqliteEngine extends SqliteAdapter {
  /**
   * Runs a read outside of transactions at once, past Kysely's driver and its ten promises. Undefined where the query
   * has to go through the driver.
   */
  readonly read: <Row>(query: SqliteQuery) => ReadResult<Row> | undefined;

  constructor(read: SqliteEngine['read']) {
    super();
    this.read = read;
  }

  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Writes a parameter as `+?`, behind which SQLite's planner does not look. Where it looks at a value, as at a LIMIT's, a
 * kept statement is planned anew for each further value: two fifths of what a page's statement costs.
 */
class SteadyCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?';
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

const createSqliteDriver = (open: () => Promise<void>, opened: () => SqliteResources): Driver => ({
  init: open,
  acquireConnection: async () => new SqliteConnection(opened()),
  beginTransaction: (connection) => sqlite(connection).begin(),
  commitTransaction: async (connection) => sqlite(connection).commit(),
  rollbackTransaction: async (connection) => sqlite(connection).rollback(),
  releaseConnection: async (connection) => sqlite(connection).release(),
  destroy: async () => {
    const { queue, reader, writer } = opened();
    // An open transaction may end first; one that never does is cut off, and thereby rolled back.
    await queue.acquire().catch(() => undefined);
    reader?.close();
    writer.close();
  },
});

export const createSqliteDialect = (path: string, settings: DatabaseSettings): Dialect => {
  let resources: SqliteResources | undefined;

  const open = async (): Promise<void> => {
    resources = await openResources(path, settings);
  };
  const opened = (): SqliteResources => {
    if (resources === undefined) throw new Error('the driver was not initialised');
    return resources;
  };

  return {
    createDriver: () => createSqliteDriver(open, opened),
    createQueryCompiler: () => new SteadyCompiler(),
    createAdapter: () => new SqliteEngine((query) => resources && readOnReader(resources, query)),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
};
