/** Two ways to grant a gift once, on one database. */
import { randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import {
  createGiftStore,
  createIdempotency,
  type GiftTables,
  giftMigrations,
  type IdempotencyTables,
  idempotencyMigrations,
} from '../src/index.ts';
import { type NaiveTables, naiveOnce } from './naive-grant.ts';

export interface Wish {
  readonly userId: string;
  readonly key: string;
  readonly sku: string;
}

/** Runs when the gift is about to be granted, or has just been: throws, or does not come back. */
export type Mishap = () => Promise<void>;

/** Grants what is wished for; resolves with the answer that the client gets. */
export type Grant = (wish: Wish, mishap?: Mishap) => Promise<string>;

type Tables = NaiveTables & GiftTables & IdempotencyTables;

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
  const options = { operation: 'POST /gift', statuses: [201], ttlMs: 60_000 } as const;
  const idempotency = createIdempotency({ now }, options);
  return async ({ userId, key, sku }, mishap = noMishap) => {
    const request = { scope: userId, key, payload: { sku } };
    const outcome = await idempotency.run(db, request, async (trx) => {
      const gifts = createGiftStore(trx.withTables<GiftTables>(), { now, newId: randomUUIDv7 });
      const { id } = await gifts.grant({ userId, sku, message: null });
      await mishap();
      return { status: 201, headers: {}, body: id };
    });
    return 'response' in outcome ? outcome.response.body : `409 ${outcome.state}`;
  };
};

/** Opens a database with the tables of both ways. */
export const openGifts = async (url: string) => {
  const db = openDatabase<Tables>(url);
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  await sql`create table if not exists handled_keys (key text)`.execute(db);
  return {
    naive: naiveOn(db),
    ours: oursOn(db),
    /** How many gifts of this product there are. */
    count: async (sku: string): Promise<number> =>
      (await db.selectFrom('gifts').select('id').where('sku', '=', sku).execute()).length,
    close: () => db.destroy(),
  };
};

export type Gifts = Awaited<ReturnType<typeof openGifts>>;
export type Way = 'naive' | 'ours';
