import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import type { Redis } from '@lab/shared/redis';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine } from '@lab/testing';
import { onTestFinished } from 'vitest';
import { inventoryMigrations, type StockingTables, type StrategyName, startInventory } from '../src/index.ts';
import type { AvailabilityListener } from '../src/stock/stock-rows.ts';

const NOON = '2026-11-20T12:00:00.000Z';
const TTL_MS = 900_000;

interface Options {
  readonly strategy?: StrategyName;
  readonly redis?: Redis;
  readonly onAvailability?: AvailabilityListener;
  readonly sweepIntervalMs?: number;
}

/** The slice on an empty database, with a fake clock. Nothing is swept unless `sweepIntervalMs` is given. */
export const openInventory = async (
  engine: DatabaseEngine,
  { strategy = 'conditional', redis, onAvailability, sweepIntervalMs = 3_600_000 }: Options = {},
) => {
  const { db, url } = await engine.open<StockingTables>();
  await migrate(db, [idempotencyMigrations, inventoryMigrations]);
  const { now, advance } = createFakeClock(NOON);
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const registry = createMetrics();
  const inventory = startInventory(
    {
      settings: {
        INVENTORY_STRATEGY: strategy,
        RESERVATION_TTL_MS: TTL_MS,
        RESERVATION_SWEEP_INTERVAL_MS: sweepIntervalMs,
      },
      registry,
      logger: createLogger({ service: 'test', level: 'silent' }),
      resources,
    },
    {
      db,
      idempotency: createIdempotency({ now }, { ttlMs: 86_400_000 }),
      callers: createCallers({
        authTokens: new Map([['alice', 1]]),
        adminToken: 'dev-admin-token',
        trustUserHeader: false,
      }),
      cursorsOf: (list) => createCursors({ secret: 'a'.repeat(32), list }),
      now,
      newId: createSeededIds(1, now),
      redis,
      ...(onAvailability && { onAvailability }),
    },
  );
  const app = createTestApp([inventory.stockRouter, inventory.reservationRouter], { registry });
  return { ...inventory, app, db, url, now, advance, registry };
};
