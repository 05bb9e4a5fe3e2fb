import type { Database, Statement } from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { SlowQueryWatch } from './slow-queries.ts';
import { whenNotBusy } from './sqlite-file.ts';
import type { Storage } from './sqlite-storage.ts';
import type { PrepareStatement } from './statement-cache.ts';
import type { Turns } from './turns.ts';

/** What all connections of one open SQLite database share. */
export interface SqliteResources {
  readonly writer: Database;
  /** Absent for a memory database, whose reads take turns with the writes. */
  readonly reader: Database | undefined;
  readonly prepareOnWriter: PrepareStatement;
  readonly prepareOnReader: PrepareStatement | undefined;
  /** This process has one connection that writes; its users take turns. */
  readonly turns: Turns;
  readonly storage: Storage;
  readonly watch: SlowQueryWatch;
  readonly lockTimeoutMs: number;
}

type SqliteQuery = Pick<CompiledQuery, 'sql' | 'parameters'>;

const execute = <Row>(statement: Statement<unknown[]>, parameters: readonly unknown[]): QueryResult<Row> => {
  // The typed query vouches for the type of its rows, which the driver does not know.
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
};

const begin = { sql: 'begin immediate', parameters: [] };
const commit = { sql: 'commit', parameters: [] };
const rollback = { sql: 'rollback', parameters: [] };

/**
 * What Kysely treats as a connection borrows the shared ones. Outside a transaction, a read runs on the reader and
 * anything else waits for its turn on the writer. A transaction keeps the writer until it is released. The signal ends
 * waits.
 */
export class SqliteConnection implements DatabaseConnection {
  readonly #shared: SqliteResources;
  readonly #signal: AbortSignal | undefined;
  #ownsWriter = false;
  #hasChangedRows = false;

  constructor(shared: SqliteResources, signal: AbortSignal | undefined) {
    this.#shared = shared;
    this.#signal = signal;
  }

  /** Whether a statement of this connection has changed rows. Each transaction has a connection of its own. */
  get hasChangedRows(): boolean {
    return this.#hasChangedRows;
  }

  async begin(): Promise<void> {
    await this.#takeWriter();
    await this.#whenNotBusy(() => this.#onWriter(begin));
  }

  commit(): void {
    this.#shared.storage.assertInPlace();
    this.#onWriter(commit);
  }

  rollback(): void {
    // On some errors, such as a full disk, SQLite rolls back on its own. A second rollback would hide that error.
    if (this.#shared.writer.inTransaction) this.#onWriter(rollback);
  }

  release(): void {
    if (!this.#ownsWriter) return;
    this.#ownsWriter = false;
    try {
      this.rollback();
    } finally {
      this.#shared.turns.pass();
    }
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { prepareOnReader, storage, writer } = this.#shared;
    if (this.#ownsWriter) {
      // SQLite ends a transaction on some errors. Later statements must not commit on their own.
      if (!writer.inTransaction) throw new Error('SQLite has rolled this transaction back');
      return this.#onWriter(query);
    }
    const statement = prepareOnReader && storage.guard(() => prepareOnReader(query.sql));
    return statement?.readonly && statement.reader
      ? this.#whenNotBusy(() => this.#run(statement, query))
      : this.#write(query);
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error(
      'streaming would hold a connection for as long as its reader takes: read in pages instead',
    );
  }

  /** A statement outside a transaction, which commits on its own. */
  async #write<Row>(query: SqliteQuery): Promise<QueryResult<Row>> {
    const { storage, writer } = this.#shared;
    await this.#takeWriter();
    try {
      storage.assertInPlace();
      const result = await this.#whenNotBusy(() => this.#onWriter<Row>(query));
      if (writer.inTransaction) throw new Error('open transactions with transact(), not with SQL');
      return result;
    } finally {
      this.release();
    }
  }

  async #takeWriter(): Promise<void> {
    await this.#shared.turns.take(this.#signal);
    this.#ownsWriter = true;
  }

  #whenNotBusy<Result>(attempt: () => Result): Result | Promise<Result> {
    return whenNotBusy(attempt, { timeoutMs: this.#shared.lockTimeoutMs, signal: this.#signal });
  }

  #onWriter<Row>(query: SqliteQuery): QueryResult<Row> {
    const { prepareOnWriter, storage } = this.#shared;
    const statement = storage.guard(() => prepareOnWriter(query.sql));
    const result = this.#run<Row>(statement, query);
    // A statement that returns the rows it has changed does not report their number.
    const isChange = statement.reader
      ? !statement.readonly && result.rows.length > 0
      : result.numAffectedRows;
    this.#hasChangedRows ||= Boolean(isChange);
    return result;
  }

  #run<Row>(statement: Statement<unknown[]>, { sql, parameters }: SqliteQuery): QueryResult<Row> {
    const { storage, watch } = this.#shared;
    const startedAtMs = performance.now();
    try {
      return storage.guard(() => execute<Row>(statement, parameters));
    } finally {
      watch(sql, startedAtMs);
    }
  }
}
