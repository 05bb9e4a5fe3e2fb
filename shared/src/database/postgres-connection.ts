import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type pg from 'pg';
import type { SlowQueryWatch } from './slow-queries.ts';

const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

export interface PostgresResources {
  readonly watch: SlowQueryWatch;
  readonly preparedStatements: number;
  /** Where the server's own timeout cannot arrive, because the network is gone, the wait ends all the same. */
  readonly answerTimeoutMs: number;
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

  constructor(client: pg.PoolClient, shared: PostgresResources) {
    this.#client = client;
    this.#shared = shared;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    // Without parameters it is DDL or the like: run rarely, and a migration may take longer than a request.
    const { command, rowCount, rows } =
      parameters.length === 0
        ? await this.#send({ text: sql })
        : await this.#send({ text: sql, values: [...parameters], name: this.#nameOf(sql), ...this.#bounded });
    return CHANGES.has(command) ? { numAffectedRows: BigInt(rowCount ?? 0), rows } : { rows };
  }

  /** Runs transaction control; resolves with the command that the server says it has done. */
  async control(sql: string): Promise<string> {
    try {
      const { command } = await this.#send({ text: sql, ...this.#bounded });
      return command;
    } catch (error) {
      // Whatever state the transaction is in now, nobody shall inherit it.
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
    this.#client.release(this.#isBroken);
  }

  streamQuery(): AsyncIterableIterator<never> {
    throw new Error('a stream would pin a connection for as long as its reader likes: read in pages instead');
  }

  get #bounded(): { query_timeout: number } {
    return { query_timeout: this.#shared.answerTimeoutMs };
  }

  async #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const startedAtMs = performance.now();
    try {
      return await this.#client.query(query);
    } catch (error) {
      this.#isBroken ||= error instanceof Error && error.message === 'Query read timeout';
      throw error;
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
