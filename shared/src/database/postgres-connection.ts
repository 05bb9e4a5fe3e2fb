import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type pg from 'pg';
import { isAnswerTimeout, translatePostgresError } from './postgres-errors.ts';
import type { SlowQueryWatch } from './slow-queries.ts';

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

export interface PostgresResources {
  readonly watch: SlowQueryWatch;
  readonly preparedStatements: number;
  /** Ends a wait even if the network is down and the server's own timeout cannot reach us. */
  readonly answerTimeoutMs: number;
  /** Cancels the statement that the backend with this process id is running. */
  readonly cancel: (backend: number) => Promise<unknown>;
}

/**
 * One connection of the pool. The server parses and plans a statement with parameters once; after that it runs by name.
 * Beyond `preparedStatements` different texts, statements run unnamed. This bounds the server's memory without round
 * trips to deallocate.
 */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #shared: PostgresResources;
  readonly #names = new Map<string, string>();
  #isBroken = false;
  #backend: number | undefined;
  #signal: AbortSignal | undefined;
  #hasChangedRows = false;

  constructor(client: pg.PoolClient, shared: PostgresResources) {
    this.#client = client;
    this.#shared = shared;
  }

  /** The signal cancels statements until the connection is released, but never a commit. */
  async acquired(signal: AbortSignal | undefined): Promise<void> {
    if (signal && this.#backend === undefined) {
      const { rows } = await this.#send({ text: 'select pg_backend_pid() as backend', ...this.#bounded });
      this.#backend = rows[0]?.backend;
    }
    this.#signal = signal;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    this.#signal?.throwIfAborted();
    // A statement without parameters is DDL or the like: it runs rarely, and a migration may take longer than a
    // request.
    const query =
      parameters.length === 0
        ? { text: sql }
        : { text: sql, values: [...parameters], name: this.#nameOf(sql), ...this.#bounded };
    const { command, rowCount, rows } = await this.#sendCancelable(query);
    if (!CHANGES.has(command)) return { rows };
    this.#hasChangedRows ||= rowCount !== 0;
    return { numAffectedRows: BigInt(rowCount ?? 0), rows };
  }

  /** Whether a statement has changed rows since the transaction began. */
  get hasChangedRows(): boolean {
    return this.#hasChangedRows;
  }

  async begin(sql: string): Promise<void> {
    await this.control(sql);
    this.#hasChangedRows = false;
  }

  /** Runs a transaction command; resolves with the command that the server reports. */
  async control(sql: string): Promise<string> {
    try {
      const { command } = await this.#send({ text: sql, ...this.#bounded });
      return command;
    } catch (error) {
      // The next user must not get a transaction in an unknown state.
      this.#isBroken = true;
      throw error;
    }
  }

  /**
   * Never rejects: a connection that cannot roll back is closed when released, and the server then rolls back. The
   * transaction keeps its original error, and an unresponsive server is waited for only once.
   */
  async rollback(): Promise<void> {
    if (!this.#isBroken) await this.control('rollback').catch(() => undefined);
  }

  release(): void {
    this.#signal = undefined;
    this.#client.release(this.#isBroken);
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error(
      'streaming would hold a connection for as long as its reader takes: read in pages instead',
    );
  }

  get #bounded(): { query_timeout: number } {
    return { query_timeout: this.#shared.answerTimeoutMs };
  }

  async #sendCancelable(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const signal = this.#signal;
    if (signal === undefined) return this.#send(query);
    let canceling: Promise<unknown> | undefined;
    const cancel = (): void => {
      if (this.#backend !== undefined) canceling = this.#shared.cancel(this.#backend).catch(() => undefined);
    };
    signal.addEventListener('abort', cancel);
    try {
      return await this.#send(query);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
      // A cancellation still in flight would hit the next statement of this connection.
      await canceling;
    }
  }

  async #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const startedAtMs = performance.now();
    try {
      return await this.#client.query(query);
    } catch (error) {
      this.#isBroken ||= isAnswerTimeout(error);
      throw translatePostgresError(error);
    } finally {
      this.#shared.watch(query.text, startedAtMs);
    }
  }

  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.size >= this.#shared.preparedStatements) return known;
    const name = `lab_${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }
}
