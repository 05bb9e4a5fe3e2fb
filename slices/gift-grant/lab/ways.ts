/** Two ways to grant a gift once, on the same database. */
import { randomUUIDv7 } from 'node:crypto';
import type { Kysely } from 'kysely';
import { createGiftStore, type GiftTables } from '../src/gift-store.ts';
import { createIdempotency } from '../src/idempotency.ts';
import type { IdempotencyTables } from '../src/idempotency-keys.ts';
import { type NaiveTables, naiveOnce } from './naive-grant.ts';

export interface Wish {
  readonly userId: string;
  readonly key: string;
  readonly sku: string;
}

/** Runs just before or after the gift is granted. It throws or never returns. */
export type Mishap = () => Promise<void>;

/** Grants a gift. Resolves with the answer that the client gets. */
export type Grant = (wish: Wish, mishap?: Mishap) => Promise<string>;

export type Tables = NaiveTables & GiftTables & IdempotencyTables;

const now = () => new Date();
const noMishap: Mishap = async () => undefined;

const naiveOn =
  (db: Kysely<Tables>): Grant =>
  ({ userId, key, sku }, mishap = noMishap) =>
    naiveOnce(db, key, async () => {
      await mishap();
      return (await createGiftStore(db, { now, newId: randomUUIDv7 }).grant({ userId, sku, message: null }))
        .id;
    });

const oursOn = (db: Kysely<Tables>): Grant => {
  const idempotency = createIdempotency({ now }, { ttlMs: 60_000 });
  return async ({ userId, key, sku }, mishap = noMishap) => {
    const request = { operation: 'POST /gift', scope: userId, key, payload: { sku } };
    const outcome = await idempotency.run(db, request, async (trx) => {
      const gifts = createGiftStore(trx.withTables<GiftTables>(), { now, newId: randomUUIDv7 });
      const { id } = await gifts.grant({ userId, sku, message: null });
      await mishap();
      return { status: 201, headers: {}, body: id };
    });
    return 'response' in outcome ? outcome.response.body : `409 ${outcome.state}`;
  };
};

/** Both ways, on a database with the tables that they need. */
export const waysOn = (db: Kysely<Tables>) => ({ naive: naiveOn(db), ours: oursOn(db) });

export type Way = 'naive' | 'ours';
