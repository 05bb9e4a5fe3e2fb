import { type DatabaseOptions, type KeyedQueue, migrate } from '@lab/shared/database';
import { type Callers, requireCaller } from '@lab/shared/http';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine } from '@lab/testing';
import { createIdempotency, type Idempotency } from '../src/idempotency.ts';
import { giftMigrations, idempotencyMigrations } from '../src/migrations.ts';
import { createGiftRouter, type GiftGrantTables } from '../src/router.ts';

export const NOON = '2026-11-20T12:00:00.000Z';
export const TTL_MS = 86_400_000;

interface GiftAppOptions extends Omit<DatabaseOptions, 'beforeCommit'> {
  readonly callers?: Callers;
  readonly queue?: KeyedQueue;
  readonly waitMs?: number;
  /** Called with the key of each arriving request, and a signal that aborts when the client disconnects. */
  readonly onArrival?: (key: string, signal: AbortSignal | undefined) => void;
  /** Called when a gift is granted but its transaction is still open. */
  readonly beforeCommit?: (key: string) => Promise<void>;
}

/** An app with the gift routes on an empty database, with a fake clock. */
export const openGiftApp = async (
  engine: DatabaseEngine,
  { callers, queue, waitMs = 10_000, onArrival, beforeCommit, ...options }: GiftAppOptions = {},
) => {
  const { db, url } = await engine.open<GiftGrantTables>(options);
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  const { now, advance } = createFakeClock(NOON);
  const { run } = createIdempotency({ now, ...(queue && { queue }) }, { ttlMs: TTL_MS, waitMs });
  const idempotency: Idempotency = {
    run: (on, request, work, signal) => {
      onArrival?.(request.key, signal);
      const heldWork: typeof work = async (trx) => {
        const response = await work(trx);
        await beforeCommit?.(request.key);
        return response;
      };
      return run(on, request, heldWork, signal);
    },
  };
  const deps = { db, idempotency, now, newId: createSeededIds(1, now) };
  const open = createGiftRouter(deps);
  const requirements = { grantGift: 'operator', readGift: 'either' } as const;
  const router = callers ? requireCaller(open, callers, requirements) : open;
  const rowsOf = async (table: keyof GiftGrantTables) =>
    (await db.selectFrom(table).selectAll().execute()).length;
  const count = async () => ({ gifts: await rowsOf('gifts'), keys: await rowsOf('idempotency_keys') });
  return { app: createTestApp([router]), db, url, now, advance, count };
};
