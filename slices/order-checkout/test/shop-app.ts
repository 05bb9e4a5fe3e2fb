import { migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine, startApp } from '@lab/testing';
import type { Kysely } from 'kysely';
import { onTestFinished } from 'vitest';
import { type CheckoutSteps, type ShopTables, shopMigrations, startShop } from '../src/index.ts';

const NOON = '2026-11-20T12:00:00.000Z';
export const WINDOW_MS = 900_000;

export const alice = { Authorization: 'Bearer alice' };
export const bob = { Authorization: 'Bearer bob' };
export const operator = { 'X-Admin-Token': 'dev-admin-token' };

interface ShopOptions {
  readonly steps?: Partial<CheckoutSteps>;
  readonly now?: () => Date;
  readonly newId?: () => string;
}

/** The shop of the slice on this database. Nothing is swept. */
const shopOn = (
  db: Kysely<ShopTables>,
  resources: AsyncDisposableStack,
  { steps = {}, now = () => new Date(), newId = crypto.randomUUID }: ShopOptions = {},
) => {
  const registry = createMetrics();
  const never = 3_600_000;
  const settings = {
    INVENTORY_STRATEGY: 'conditional',
    RESERVATION_TTL_MS: WINDOW_MS,
    RESERVATION_SWEEP_INTERVAL_MS: never,
    PAYMENT_WINDOW_MS: WINDOW_MS,
    ORDER_SWEEP_INTERVAL_MS: never,
    IDEMPOTENCY_TTL_MS: 86_400_000,
  } as const;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const callers = createCallers({
    authTokens: new Map([
      ['alice', 1],
      ['bob', 2],
    ]),
    adminToken: 'dev-admin-token',
    trustUserHeader: true,
  });
  const cursorsOf = (list: string) => createCursors({ secret: 'a'.repeat(32), list });
  const shop = startShop(
    { settings, registry, logger, resources },
    { db, callers, cursorsOf, now, newId, steps },
  );
  return { ...shop, registry };
};

/** The shop on an empty database, with a fake clock. */
export const openShop = async (engine: DatabaseEngine, options: ShopOptions = {}) => {
  const { db, url } = await engine.open<ShopTables>();
  await migrate(db, shopMigrations);
  const { now, advance } = createFakeClock(NOON);
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const shop = shopOn(db, resources, { now, newId: createSeededIds(1, now), ...options });
  const app = createTestApp(shop.routers, { registry: shop.registry });
  return { ...shop, app, db, url, now, advance };
};

/** The shop, listening, with what its clients do. */
export const startTestShop = async (engine: DatabaseEngine, options: ShopOptions = {}) => {
  const shop = await openShop(engine, options);
  const { request } = await startApp(shop.app);
  const post = (path: string, as: Record<string, string>, json: object = {}) =>
    request('POST', path, { headers: { ...as, 'Idempotency-Key': crypto.randomUUID() }, json });
  const fill = async (as: Record<string, string>, items: Readonly<Record<string, number>>) => {
    for (const [sku, quantity] of Object.entries(items))
      await request('POST', '/carts/me/items', { headers: as, json: { sku, quantity } });
  };
  const checkOut = (as: Record<string, string>, json: object = {}, key: string = crypto.randomUUID()) =>
    request('POST', '/checkout', { headers: { ...as, 'Idempotency-Key': key }, json });
  const get = (path: string, as: Record<string, string>) => request('GET', path, { headers: as });
  const stockOf = async (sku: string) => {
    const row = await shop.stock.find(sku);
    return row && [row.on_hand, row.reserved];
  };
  return { ...shop, request, post, fill, checkOut, get, stockOf };
};
