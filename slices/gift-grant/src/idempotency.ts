/**
 * Problem: a client that got no answer sends its write again, and the write happens twice.
 * The idea: one transaction inserts the key, does the work and stores the response. The table's primary key lets one
 * request in; a repeat finds the key taken and gets the stored response.
 * Guarantees: of all requests with one key, one is carried out; its effects, the key and the response commit
 * together, and every repeat gets that response, byte for byte. Concurrent repeats wait: the primary key decides.
 * Within a process they wait in a queue, one by one in front of the database, so that one key takes one connection of
 * the pool and not all. The queue decides nothing: without it, and in other processes, the primary key still does.
 * Is NOT get-then-set (two requests find nothing, both write), nor a key without a fingerprint (another request gets
 * an answer not its own), nor a response saved after the commit (a crash in between, and the write happens twice).
 * Does NOT guarantee: anything after the key's expiry, or for effects that are not SQL of that transaction; an answer
 * to a repeat while the first goes on for longer than the wait; turns in order of arrival across processes.
 */
import { createHash } from 'node:crypto';
import { createKeyedQueue, isLockTimeout, type KeyedQueue, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import { z } from 'zod';
import type { IdempotencyTables } from './idempotency-keys.ts';
import { type Claim, claimKey, findKey, type Keys, storeResponse } from './key-statements.ts';
import { limitLockWait } from './lock-wait.ts';

export interface KeyedRequest {
  /** Method and route: `POST /gift`. One key used for two operations is a key used for two requests. */
  readonly operation: string;
  /** Whose key it is: equal keys of two scopes are two keys. */
  readonly scope: string;
  readonly key: string;
  /** What the client asks for, as JSON and without the key. Order of members does not matter. */
  readonly payload: unknown;
}

/** The body is text, so that a repeat gets the same bytes. */
export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** What is to be done once. It sees its own tables by `trx.withTables<...>()`. */
type Work = (trx: Transaction<IdempotencyTables>) => Promise<StoredResponse>;

/** `reused`: the key is another request's. `in_use`: the first one outlasted the wait for it; nothing was done. */
export type Outcome =
  | { readonly state: 'executed' | 'replayed'; readonly response: StoredResponse }
  | { readonly state: 'reused' }
  | { readonly state: 'in_use' };

export interface IdempotencyOptions {
  /** How long a key is remembered, in milliseconds. */
  readonly ttlMs: number;
  /** Longest wait in the queue, with that for the lock after it, in milliseconds (default 10,000). */
  readonly waitMs?: number;
}

const canonicalMember = (_name: string, member: unknown): unknown => {
  // JSON.stringify writes null for them, and 1e400, which JSON may say, would be the same request as null.
  if (typeof member === 'number' && !Number.isFinite(member)) throw new TypeError('a number is too large');
  if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
  return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

/** JSON with its members in order of their names, as in RFC 8785: equal values have equal text. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, canonicalMember);

const responseSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  body: z.string(),
});

/** Idempotency for any number of operations, whatever they write. */
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

  /** What the key already stands for; nothing where it is free. */
  const recall = async (db: Keys, claim: Claim): Promise<Outcome | undefined> => {
    const [row] = await findKey(db, claim);
    if (row === undefined) return undefined;
    if (row.fingerprint !== claim.fingerprint) return { state: 'reused' };
    if (row.response === null) throw new Error('one transaction uses a key twice');
    return { state: 'replayed', response: responseSchema.parse(JSON.parse(row.response)) };
  };

  const claimAndRun = async (
    trx: Transaction<IdempotencyTables>,
    claim: Claim,
    work: Work,
  ): Promise<Outcome> => {
    const claimed = await claimKey(trx, claim);
    if (claimed === undefined) {
      const known = await recall(trx, claim);
      if (known === undefined) throw new Error('a key was neither free nor taken');
      return known;
    }
    const response = await work(trx);
    await storeResponse(trx, claim, JSON.stringify(response));
    return { state: 'executed', response };
  };

  const runInTurn = async (db: Keys, request: KeyedRequest, work: Work, waitedMs: number) => {
    const claim = claimOf(request);
    // Most repeats come late: a read spares them the write lock. Where it finds nothing it decides nothing.
    const known = await recall(db, claim);
    if (known !== undefined) return known;
    return transact(db, async (trx) => {
      if (waitedMs > 0) await limitLockWait(trx, Math.max(1, waitMs - waitedMs));
      return claimAndRun(trx, claim, work);
    });
  };

  return {
    /**
     * Carries the work out under its key, or recalls what came of it. What the work returns is stored, refusals too;
     * what it throws leaves the key free. `signal` ends the wait in the queue with its reason, for a client that has
     * left. Given a transaction it joins that one, waits in no queue, and rejects on a lock timeout, which has ended it.
     */
    run: async (db: Keys, request: KeyedRequest, work: Work, signal?: AbortSignal): Promise<Outcome> => {
      if (db.isTransaction) return runInTurn(db, request, work, 0);
      const name = JSON.stringify([request.scope, request.key]);
      try {
        return await turns.run(name, (waitedMs) => runInTurn(db, request, work, waitedMs), signal);
      } catch (error) {
        if (isLockTimeout(error)) return { state: 'in_use' };
        throw error;
      }
    },
  };
};

export type Idempotency = ReturnType<typeof createIdempotency>;
