import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type pg from 'pg';
import { isAnswerTimeout, translatePostgresError } from './postgres-errors.ts';
import type { SlowQueryWatch } from './slow-queries.ts';

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

export interface PostgresResources {
  readonly watch: SlowQueryWatch;
  readonly preparedStatements: number;
  /** Where the server's own timeout cannot arrive, because the network is gone, the wait ends all the same. */
  readonly answerTimeoutMs: number;
  /** Ends the statement that the backend of this process id is running. */
  readonly cancel: (backend: number) => Promise<unknown>;
}

/**
 * One connection of the pool. A statement with parameters is parsed and planned by the server once and then run by
 * name; beyond `preparedStatements` different texts the rest runs unnamed, which bounds the server's memory
 * without a round trip to forget one.
 */
export class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #shared: PostgresResources;
  readonly #names = new Map<string, string>();
  #isBroken = false;
  #backend: number | undefined;
  #signal: AbortSignal | undefined;

  constructor(client: pg.PoolClient, shared: PostgresResources) {
    this.#client = client;
    this.#shared = shared;
  }

  /** The signal cancels the statements that run until the connection is released; it never cancels a commit. */
  async acquired(signal: AbortSignal | undefined): Promise<void> {
    if (signal && this.#backend === undefined) {
      const { rows } = await this.#send({ text: 'select pg_backend_pid() as backend', ...this.#bounded });
      this.#backend = rows[0]?.backend;
    }
    this.#signal = signal;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    this.#signal?.throwIfAborted();
    // Without parameters it is DDL or the like: run rarely, and a migration may take longer than a request.
    const query =
      parameters.length === 0
        ? { text: sql }
        : { text: sql, values: [...parameters], name: this.#nameOf(sql), ...this.#bounded };
    const { command, rowCount, rows } = await this.#sendCancelable(query);
    return CHANGES.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0), rows } : { rows };
  }

  /** Runs transaction control; resolves with the command that the server says it has done. */
  async control(sql: string): Promise<string> {
    try {
      const { command } = await this.#send({ text: sql, ...this.#bounded });
      return command;
    } catch (error) {
      // Nobody may inherit a transaction in an unknown state.
      this.#isBroken = true;
      throw error;
    }
  }

  /**
   * Never rejects: a connection that cannot roll back is closed on its release, and the server rolls back by itself.
   * So what has failed stays the error of the transaction, and a server that is silent is waited for once.
   */
  async rollback(): Promise<void> {
    if (!this.#isBroken) await this.control('rollback').catch(() => undefined);
  }

  release(): void {
    this.#signal = undefined;
    this.#client.release(this.#isBroken);
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('a stream would pin a connection for as long as its reader likes: read in pages instead');
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
      // A cancellation that is still on its way would hit the next statement of this connection.
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
