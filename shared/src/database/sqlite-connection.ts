import type { Database, Statement } from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { DatabaseUnavailableError } from './database-errors.ts';
import type { GroupCommit } from './group-commit.ts';
import type { SlowQueryWatch } from './slow-queries.ts';
import { whenNotBusy } from './sqlite-file.ts';
import type { Storage } from './sqlite-storage.ts';
import type { PrepareStatement } from './statement-cache.ts';

/** What all connections of one open SQLite database share. */
export interface SqliteResources {
  readonly writer: Database;
  /** Absent for a memory database, whose reads take turns with the writes. */
  readonly reader: Database | undefined;
  readonly prepareOnWriter: PrepareStatement;
  readonly prepareOnReader: PrepareStatement | undefined;
  /** This process has one connection that writes; its users take turns. */
  readonly groupCommit: GroupCommit;
  readonly storage: Storage;
  readonly watch: SlowQueryWatch;
  readonly lockTimeoutMs: number;
  readonly idleInTransactionTimeoutMs: number;
}

type SqliteQuery = Pick<CompiledQuery, 'sql' | 'parameters'>;

const execute = <Row>(statement: Statement<unknown[]>, parameters: readonly unknown[]): QueryResult<Row> => {
  // The typed query vouches for the type of its rows, which the driver does not know.
  if (statement.reader) return { rows: statement.all(parameters) as Row[] };
  const { changes, lastInsertRowid } = statement.run(parameters);
  return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] };
};

/**
 * What Kysely treats as a connection borrows the shared ones. Outside a transaction, a read runs on the reader and
 * anything else waits for its turn on the writer. A transaction keeps the writer until it commits or rolls back. The
 * signal ends waits.
 */
export class SqliteConnection implements DatabaseConnection {
  readonly #shared: SqliteResources;
  readonly #signal: AbortSignal | undefined;
  #ownsWriter = false;
  #idleTimer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #hasEnded = false;
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
    await this.#shared.groupCommit.begin(this.#signal);
    this.#ownsWriter = true;
    this.#hasEnded = false;
    const { idleInTransactionTimeoutMs: limitMs } = this.#shared;
    this.#idleTimer = setTimeout(() => this.#giveUp(`it was idle for ${limitMs} ms`), limitMs).unref();
  }

  async commit(): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#endTurn();
    await this.#shared.groupCommit.commit();
  }

  async rollback(): Promise<void> {
    if (!this.#ownsWriter) return;
    this.#endTurn();
    await this.#shared.groupCommit.rollback();
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#failure) throw this.#failure;
    // The end waits for the disk. A statement that comes late must not commit on its own.
    if (this.#hasEnded) throw new Error('the transaction has ended');
    const { prepareOnReader, storage, writer } = this.#shared;
    if (this.#ownsWriter) {
      this.#idleTimer?.refresh();
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
  #write<Row>(query: SqliteQuery): Promise<QueryResult<Row>> {
    const { groupCommit, storage, writer } = this.#shared;
    const run = async (): Promise<QueryResult<Row>> => {
      storage.assertInPlace();
      const result = await this.#whenNotBusy(() => this.#onWriter<Row>(query));
      if (!writer.inTransaction) return result;
      this.#onWriter({ sql: 'rollback', parameters: [] });
      throw new Error('open transactions with transact(), not with SQL');
    };
    return groupCommit.alone(run, this.#signal);
  }

  #endTurn(): void {
    this.#ownsWriter = false;
    this.#hasEnded = true;
    clearTimeout(this.#idleTimer);
  }

  /** Others wait for the writer, and those of the same group for their commit. */
  #giveUp(reason: string): void {
    const cause = new Error(`the transaction was rolled back: ${reason}`);
    this.#failure = new DatabaseUnavailableError('connection_lost', { cause });
    this.rollback().catch(() => undefined);
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
