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

const execute = <Row>(statement: Statement<unknown[]>, parameters: readonly unknown[]): QueryResult<Row> => {
  // The row's type is what the typed query says of its own SQL; the driver knows only that there are rows.
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
};

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
    await whenNotBusy(() => this.#onWriter('begin immediate'), lockTimeoutMs);
  }

  commit(): void {
    this.#onWriter('commit');
  }

  rollback(): void {
    // A full disk, for one, makes SQLite roll back by itself: a second rollback would hide that error.
    if (this.#shared.writer.inTransaction) this.#onWriter('rollback');
  }

  release(): void {
    if (!this.#ownsWriter) return;
    this.#ownsWriter = false;
    this.rollback();
    this.#shared.queue.release();
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { prepareOnReader, queue, lockTimeoutMs, writer } = this.#shared;
    if (this.#ownsWriter) {
      // SQLite ends a transaction by itself on some errors; what follows must not commit on its own.
      if (!writer.inTransaction) throw new Error('SQLite has rolled this transaction back');
      return this.#onWriter(sql, parameters);
    }
    const statement = prepareOnReader?.(sql);
    if (statement?.readonly && statement.reader) {
      return whenNotBusy(() => this.#run(statement, sql, parameters), lockTimeoutMs);
    }
    await queue.acquire();
    try {
      const result = await whenNotBusy(() => this.#onWriter<Row>(sql, parameters), lockTimeoutMs);
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

  #onWriter<Row>(sql: string, parameters: readonly unknown[] = []): QueryResult<Row> {
    return this.#run(this.#shared.prepareOnWriter(sql), sql, parameters);
  }

  #run<Row>(statement: Statement<unknown[]>, sql: string, parameters: readonly unknown[]): QueryResult<Row> {
    const startedAtMs = performance.now();
    try {
      return execute(statement, parameters);
    } finally {
      this.#shared.watch(sql, startedAtMs);
    }
  }
}
