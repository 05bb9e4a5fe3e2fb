import { type DatabaseOptions, migrate } from '@lab/shared/database';
import type { Callers } from '@lab/shared/http';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine } from '@lab/shared/testing';
import { giftMigrations } from '../src/gift-store.ts';
import { createIdempotency } from '../src/idempotency.ts';
import { idempotencyMigrations } from '../src/idempotency-keys.ts';
import { createGiftRouter, type GiftGrantTables, grantOperation } from '../src/router.ts';

export const NOON = '2026-11-20T12:00:00.000Z';
export const TTL_MS = 86_400_000;

/** An app of the gift routes on an empty database, with a clock that stands still. */
export const openGiftApp = async (
  engine: DatabaseEngine,
  { callers, ...options }: DatabaseOptions & { readonly callers?: Callers } = {},
) => {
  const { db, url } = await engine.open<GiftGrantTables>(options);
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  const { now, advance } = createFakeClock(NOON);
  const idempotency = createIdempotency({ now }, { ...grantOperation, ttlMs: TTL_MS });
  const deps = { db, idempotency, now, newId: createSeededIds(1, now), ...(callers && { callers }) };
  const rowsOf = async (table: keyof GiftGrantTables) =>
    (await db.selectFrom(table).selectAll().execute()).length;
  const count = async () => ({ gifts: await rowsOf('gifts'), keys: await rowsOf('idempotency_keys') });
  return { app: createTestApp([createGiftRouter(deps)]), db, url, now, advance, count };
};
