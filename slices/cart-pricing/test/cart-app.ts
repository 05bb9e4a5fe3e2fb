import { randomUUIDv7 } from 'node:crypto';
import { type DatabaseOptions, migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { parseMoney } from '@lab/shared/money';
import { createTestApp, type DatabaseEngine, startApp } from '@lab/testing';
import {
  type CartTables,
  cartMigrations,
  createCartRouter,
  createCartStore,
  createFixedPriceList,
  type ListedPrice,
  type PriceList,
} from '../src/index.ts';

const callers = createCallers({
  authTokens: new Map([['demo-alice', 1]]),
  adminToken: 'unused-here',
  trustUserHeader: true,
});

export const openCarts = async (engine: DatabaseEngine, options?: DatabaseOptions) => {
  const { db } = await engine.open<CartTables>(options);
  await migrate(db, [cartMigrations]);
  const carts = createCartStore(db, { now: () => new Date('2026-11-20T12:00:00.000Z'), newId: randomUUIDv7 });
  const appWith = (prices: PriceList) => createTestApp([createCartRouter({ carts, prices, callers })]);
  return { db, appWith };
};

export const openApp = async (engine: DatabaseEngine, prices = createFixedPriceList()) =>
  (await openCarts(engine)).appWith(prices);

export const alice = { 'X-User-Id': '1' };
export const bob = { 'X-User-Id': '2' };

interface CartBody {
  readonly version: number;
  readonly items: readonly Readonly<{ id: string; sku: string; quantity: number; unit_price: unknown }>[];
}

export const cartOf = ({ body }: { body: unknown }): CartBody => body as CartBody;

export const price = (sku: string, currency: string): ListedPrice => ({
  sku,
  name: sku,
  unitPrice: parseMoney({ amount: '1.00', currency }),
});

/** A server whose price list can change. At first it lists three products in USD. */
export const openListed = async (engine: DatabaseEngine) => {
  let prices: PriceList;
  const list = (...listed: readonly ListedPrice[]) => {
    prices = createFixedPriceList(listed);
  };
  list(...['KEPT', 'GONE', 'MOVED'].map((sku) => price(sku, 'USD')));
  const { request } = await startApp(
    await openApp(engine, {
      priceOf: (sku) => prices.priceOf(sku),
      pricesOf: (skus) => prices.pricesOf(skus),
      list: () => prices.list(),
    }),
  );
  const add = (sku: string) =>
    request('POST', '/carts/me/items', { headers: alice, json: { sku, quantity: 2 } });
  return { request, list, add };
};
