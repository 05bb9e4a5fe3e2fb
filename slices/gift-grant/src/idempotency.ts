/**
 * Problem: a client that got no answer repeats its write, and the write happens twice.
 * The idea: one transaction inserts the key, does the work and stores the response. The primary key of the table admits
 * one request. A repeat finds the key taken and gets the stored response.
 * Guarantees: of all requests with the same key, one is executed. Its effects, the key and the response commit
 * together, and every repeat gets that response, byte for byte. Concurrent repeats wait, and the primary key decides
 * which request runs. Within a process, requests with the same key wait in a queue in front of the database, so that
 * one key uses one connection of the pool and not all of them. Correctness does not depend on the queue: without it,
 * and across processes, the primary key still decides.
 * Is NOT get-then-set (two requests find nothing, and both write), nor a key without a fingerprint (a different request
 * gets the stored response), nor a response saved after the commit (after a crash in between, the write happens twice).
 * Does NOT guarantee: anything after the key expires, or for effects that are not SQL in that transaction; an answer to
 * a repeat while the first request runs longer than the wait; turns in order of arrival across processes.
 */
import { createHash } from 'node:crypto';
import { createKeyedQueue, isLockTimeout, type KeyedQueue, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { IdempotencyTables } from './idempotency-keys.ts';
import { type Claim, claimKey, findKey, type Keys, storeResponse } from './key-statements.ts';
import { limitLockWait } from './lock-wait.ts';

export interface KeyedRequest {
  /** Method and route, such as `POST /gift`. A key cannot be reused for another operation. */
  readonly operation: string;
  /** The owner of the key. The same key in two scopes counts as two keys. */
  readonly scope: string;
  readonly key: string;
  /** The request as JSON, without the key. The order of members does not matter. */
  readonly payload: unknown;
}

/** A response to replay. Its body is text, so that a repeat gets the same bytes. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** The work to do once. It accesses its own tables with `trx.withTables<...>()`. */
type Work = (trx: Transaction<IdempotencyTables>) => Promise<StoredResponse>;

/**
 * `reused`: the key belongs to another request. `in_use`: the first request outlasted the wait, and nothing was done.
 */
export type Outcome =
  | { readonly state: 'executed' | 'replayed'; readonly response: StoredResponse }
  | { readonly state: 'reused' }
  | { readonly state: 'in_use' };

export interface IdempotencyOptions {
  /** How long a key is stored, in milliseconds. */
  readonly ttlMs: number;
  /** Longest wait, for the queue and then the lock together, in milliseconds (default 10,000). */
  readonly waitMs?: number;
}

const canonicalMember = (_name: string, member: unknown): unknown => {
  // JSON allows 1e400, which parses as Infinity. JSON.stringify writes null for it, so it would equal a null.
  if (typeof member === 'number' && !Number.isFinite(member)) throw new TypeError('a number is too large');
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
  return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

/** JSON with members sorted by name, as in RFC 8785, so that equal values have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, canonicalMember);

const responseSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string(),
});

/** Idempotency for any number of operations on any tables. */
export const createIdempotency = (
  { now, queue }: { readonly now: () => Date; readonly queue?: KeyedQueue },
  { ttlMs, waitMs = 10_000 }: IdempotencyOptions,
) => {
  const turns = queue ?? createKeyedQueue({ waitMs });

  const claimOf = ({ operation, scope, key, payload }: KeyedRequest): Claim => {
    const nowMs = now().getTime();
    const fingerprint = createHash('sha256')
      .update(`${operation}\n${canonicalJson(payload)}`)
      .digest('hex');
    return { scope, key, fingerprint, now: nowMs, expiresAt: nowMs + ttlMs };
  };

  /** The known outcome of a taken key; undefined if the key is free. */
  const recall = async (db: Keys, claim: Claim): Promise<Outcome | undefined> => {
    const [row] = await findKey(db, claim);
    if (row === undefined) return undefined;
    if (row.fingerprint !== claim.fingerprint) return { state: 'reused' };
    if (row.response === null) throw new Error('a transaction used the same key twice');
    return { state: 'replayed', response: responseSchema.parse(JSON.parse(row.response)) };
  };

  const claimAndRun = async (
    trx: Transaction<IdempotencyTables>,
    claim: Claim,
    work: Work,
  ): Promise<Outcome> => {
    const [claimed] = await claimKey(trx, claim);
    if (claimed === undefined) {
      const known = await recall(trx, claim);
      if (known === undefined) throw new Error('an idempotency key was neither free nor taken');
      return known;
    }
    const response = await work(trx);
    await storeResponse(trx, { ...claim, response: JSON.stringify(response) });
    return { state: 'executed', response };
  };

  const runInTurn = async (
    db: Keys,
    request: KeyedRequest,
    work: Work,
    { waitedMs, signal }: { readonly waitedMs: number; readonly signal?: AbortSignal | undefined },
  ) => {
    const claim = claimOf(request);
    // Most repeats come late, and this read saves them the write lock. If it finds nothing, the claim below decides.
    const known = await recall(db, claim);
    if (known !== undefined) return known;
    const claimInTime = async (trx: Transaction<IdempotencyTables>): Promise<Outcome> => {
      if (waitedMs > 0) await limitLockWait(trx, Math.max(1, waitMs - waitedMs));
      return claimAndRun(trx, claim, work);
    };
    return transact(db, claimInTime, { signal });
  };

  return {
    /**
     * Does the work under its key, or replays its outcome. What the work returns is stored, including refusals; if it
     * throws, the key stays free. `signal` ends the waits for a turn, a connection or a lock, for example when the client
     * disconnects; nothing is stored then, unless the commit had begun. Given a transaction, `run` joins it, skips the
     * queue, and rejects on a lock timeout, which has failed that transaction.
     */
    run: async (db: Keys, request: KeyedRequest, work: Work, signal?: AbortSignal): Promise<Outcome> => {
      if (db.isTransaction) return runInTurn(db, request, work, { waitedMs: 0 });
      const name = JSON.stringify([request.scope, request.key]);
      try {
        return await turns.run(
          name,
          (waitedMs) => runInTurn(db, request, work, { waitedMs, signal }),
          signal,
        );
      } catch (error) {
        if (isLockTimeout(error)) return { state: 'in_use' };
        throw error;
      }
    },
  };
};

export type Idempotency = ReturnType<typeof createIdempotency>;
