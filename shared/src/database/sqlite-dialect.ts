import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { BeforeCommit, DatabaseSettings } from './database-options.ts';
import { createGroupCommit } from './group-commit.ts';
import { createSlowQueryWatch } from './slow-queries.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { openReader, openWriter, whenNotBusy } from './sqlite-file.ts';
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

const openResources = async (path: string, settings: DatabaseSettings) => {
  const { lockTimeoutMs, idleInTransactionTimeoutMs, preparedStatements } = settings;
  const writer = await openWriter(path, lockTimeoutMs);
  const reader = openReader(path);
  const storage = watchStorage(path, writer);
  const watch = createSlowQueryWatch(settings);
  const prepareOnWriter = createStatementCache(writer, preparedStatements);
  const hint = ': does work inside a transaction use the database instead of the transaction?';
  const turns = createTurns(lockTimeoutMs, { hint });
  const run = (sql: string): void => {
    const startedAtMs = performance.now();
    storage.guard(() => prepareOnWriter(sql).run());
    watch(sql, startedAtMs);
  };
  const groupCommit = createGroupCommit({
    turns,
    run,
    open: (signal) => whenNotBusy(() => run('begin immediate'), { timeoutMs: lockTimeoutMs, signal }),
    isOpen: () => writer.inTransaction,
    assertInPlace: storage.assertInPlace,
  });
  const prepareOnReader = reader && createStatementCache(reader, preparedStatements);
  return {
    ...{ writer, reader, prepareOnWriter, prepareOnReader, groupCommit, turns, storage, watch },
    ...{ lockTimeoutMs, idleInTransactionTimeoutMs },
  };
};

type Resources = Awaited<ReturnType<typeof openResources>>;

/** Does not wait for a turn: a read needs none, and while another statement is writing, the disk needs no probe. */
const ping = ({ reader, writer, storage, turns }: Resources): void => {
  storage.check(turns.isFree() && !writer.inTransaction);
  // SQLite evaluates `select 1` without accessing the file.
  storage.guard(() => (reader ?? writer).pragma('schema_version'));
};

const createSqliteDriver = (open: () => Promise<Resources>): Driver => {
  let resources: Resources;
  const closeFiles = (): void => {
    resources.reader?.close();
    resources.writer.close();
  };
  return {
    init: async () => {
      resources = await open();
    },
    acquireConnection: async (options) => new SqliteConnection(resources, options?.signal),
    beginTransaction: (connection) => sqlite(connection).begin(),
    commitTransaction: (connection) => sqlite(connection).commit(),
    rollbackTransaction: (connection) => sqlite(connection).rollback(),
    releaseConnection: (connection) => sqlite(connection).rollback(),
    // An open transaction may finish first. One that does not is cut off and rolled back.
    destroy: () => resources.groupCommit.alone(closeFiles).catch(closeFiles),
  };
};

export const createSqliteDialect = (path: string, settings: DatabaseSettings): Dialect => {
  let opening: Promise<Resources> | undefined;
  const open = (): Promise<Resources> => {
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
