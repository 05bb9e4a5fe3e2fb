import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { BeforeCommit, DatabaseSettings } from './database-options.ts';
import { createSlowQueryWatch } from './slow-queries.ts';
import { SqliteConnection, type SqliteResources } from './sqlite-connection.ts';
import { openReader, openWriter } from './sqlite-file.ts';
import { watchStorage } from './sqlite-storage.ts';
import { createStatementCache } from './statement-cache.ts';
import { createTurns } from './turns.ts';

/** Our driver does the queueing, and DDL is as transactional as any other statement. */
export class SqliteEngine extends SqliteAdapter {
  readonly ping: () => Promise<void>;
  readonly beforeCommit: BeforeCommit | undefined;

  constructor(ping: () => Promise<void>, { beforeCommit }: DatabaseSettings) {
    super();
    this.ping = ping;
    this.beforeCommit = beforeCommit;
  }

  override get supportsMultipleConnections(): boolean {
    return true;
  }

  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Writes a parameter as `+?`, which hides its value from SQLite's planner. If the planner uses a value, as in a LIMIT
 * or a range, a prepared statement is planned again for each new value: two fifths of the cost of a page's statement.
 */
class SteadyCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?';
  }
}

const sqlite = (connection: DatabaseConnection): SqliteConnection => {
  if (connection instanceof SqliteConnection) return connection;
  throw new TypeError('the connection belongs to another driver');
};

const openResources = async (path: string, settings: DatabaseSettings): Promise<SqliteResources> => {
  const { lockTimeoutMs, preparedStatements } = settings;
  const writer = await openWriter(path, lockTimeoutMs);
  const reader = openReader(path);
  const hint = ': does work inside a transaction use the database instead of the transaction?';
  return {
    writer,
    reader,
    prepareOnWriter: createStatementCache(writer, preparedStatements),
    prepareOnReader: reader && createStatementCache(reader, preparedStatements),
    turns: createTurns(lockTimeoutMs, { hint }),
    storage: watchStorage(path, writer),
    watch: createSlowQueryWatch(settings),
    lockTimeoutMs,
  };
};

/** Does not wait for a turn: a read needs none, and while another statement is writing, the disk needs no probe. */
const ping = ({ reader, writer, storage, turns }: SqliteResources): void => {
  storage.check(turns.isFree());
  // SQLite evaluates `select 1` without accessing the file.
  storage.guard(() => (reader ?? writer).pragma('schema_version'));
};

const createSqliteDriver = (open: () => Promise<SqliteResources>): Driver => {
  let resources: SqliteResources;
  return {
    init: async () => {
      resources = await open();
    },
    acquireConnection: async (options) => new SqliteConnection(resources, options?.signal),
    beginTransaction: (connection) => sqlite(connection).begin(),
    commitTransaction: async (connection) => sqlite(connection).commit(),
    rollbackTransaction: async (connection) => sqlite(connection).rollback(),
    releaseConnection: async (connection) => sqlite(connection).release(),
    destroy: async () => {
      const { turns, reader, writer } = resources;
      // An open transaction may finish first. One that does not is cut off and rolled back.
      await turns.take().catch(() => undefined);
      reader?.close();
      writer.close();
    },
  };
};

export const createSqliteDialect = (path: string, settings: DatabaseSettings): Dialect => {
  let opening: Promise<SqliteResources> | undefined;
  const open = (): Promise<SqliteResources> => {
    opening ??= openResources(path, settings).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  return {
    createDriver: () => createSqliteDriver(open),
    createQueryCompiler: () => new SteadyCompiler(),
    createAdapter: () => new SqliteEngine(async () => ping(await open()), settings),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
};
