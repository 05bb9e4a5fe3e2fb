import type { Database, Statement } from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { SlowQueryWatch } from './slow-queries.ts';
import { whenNotBusy } from './sqlite-file.ts';
import type { PrepareStatement } from './statement-cache.ts';
import type { WriterQueue } from './writer-queue.ts';

/** What all connections of one open SQLite database share. */
export interface SqliteResources {
  readonly writer: Database;
  /** Absent for a memory database, where reads take their turn with the writes. */
  readonly reader: Database | undefined;
  readonly prepareOnWriter: PrepareStatement;
  readonly prepareOnReader: PrepareStatement | undefined;
  readonly queue: WriterQueue;
  readonly watch: SlowQueryWatch;
  readonly lockTimeoutMs: number;
}

export type SqliteQuery = Pick<CompiledQuery, 'sql' | 'parameters'>;

/** A promise only where another process was in the way. */
export type ReadResult<Row> = QueryResult<Row> | Promise<QueryResult<Row>>;

const execute = <Row>(statement: Statement<unknown[]>, parameters: readonly unknown[]): QueryResult<Row> => {
  // The row's type is what the typed query says of its own SQL; the driver knows only that there are rows.
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
};

const run = <Row>(
  { watch }: SqliteResources,
  statement: Statement<unknown[]>,
  { sql, parameters }: SqliteQuery,
): QueryResult<Row> => {
  const startedAtMs = performance.now();
  try {
    return execute(statement, parameters);
  } finally {
    watch(sql, startedAtMs);
  }
};

/** Runs a query that only reads on the reader; undefined where there is none, or the query writes. */
export const readOnReader = <Row>(
  shared: SqliteResources,
  query: SqliteQuery,
): ReadResult<Row> | undefined => {
  const statement = shared.prepareOnReader?.(query.sql);
  if (!statement?.readonly || !statement.reader) return undefined;
  return whenNotBusy(() => run(shared, statement, query), shared.lockTimeoutMs);
};

const begin = { sql: 'begin immediate', parameters: [] };
const commit = { sql: 'commit', parameters: [] };
const rollback = { sql: 'rollback', parameters: [] };

/**
 * What Kysely takes for a connection: a borrower of the shared ones. Outside a transaction a read runs on the
 * reader, at once, and sees what is committed; everything else waits for its turn on the writer. Inside of one all
 * runs on the writer, which nobody else gets meanwhile: no read ever sees what is not committed.
 */
export class SqliteConnection implements DatabaseConnection {
  readonly #shared: SqliteResources;
  #ownsWriter = false;

  constructor(shared: SqliteResources) {
    this.#shared = shared;
  }

  async begin(): Promise<void> {
    const { queue, lockTimeoutMs } = this.#shared;
    await queue.acquire();
    this.#ownsWriter = true;
    await whenNotBusy(() => this.#onWriter(begin), lockTimeoutMs);
  }

  commit(): void {
    this.#onWriter(commit);
  }

  rollback(): void {
    // A full disk, for one, makes SQLite roll back by itself: a second rollback would hide that error.
    if (this.#shared.writer.inTransaction) this.#onWriter(rollback);
  }

  release(): void {
    if (!this.#ownsWriter) return;
    this.#ownsWriter = false;
    this.rollback();
    this.#shared.queue.release();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { queue, lockTimeoutMs, writer } = this.#shared;
    if (this.#ownsWriter) {
      // SQLite ends a transaction by itself on some errors; what follows must not commit on its own.
      if (!writer.inTransaction) throw new Error('SQLite has rolled this transaction back');
      return this.#onWriter(query);
    }
    const read = readOnReader<Row>(this.#shared, query);
    if (read !== undefined) return read;
    await queue.acquire();
    try {
      const result = await whenNotBusy(() => this.#onWriter<Row>(query), lockTimeoutMs);
      if (writer.inTransaction) throw new Error('transactions are opened by transact(), not by SQL');
      return result;
    } finally {
      this.rollback();
      queue.release();
    }
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('a stream would pin a connection for as long as its reader likes: read in pages instead');
  }

  #onWriter<Row>(query: SqliteQuery): QueryResult<Row> {
    return run(this.#shared, this.#shared.prepareOnWriter(query.sql), query);
  }
}
