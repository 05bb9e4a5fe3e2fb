import { checkStock, createStockStore, STRATEGIES, type StrategyName } from '@lab/inventory-reservation';
import { migrate } from '@lab/shared/database';
import {
  type DatabaseEngine,
  eachDatabase,
  onDatabase,
  onRedis,
  type Racers,
  startRacers,
} from '@lab/testing';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ShopTables, shopMigrations } from '../src/index.ts';
import type { RacerTask } from './checkout-racer.ts';
import { deps, reservations } from './plain-checkout.ts';

const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 200 : 2;
const MIXED_ROUNDS = isFull ? 50 : 1;
const [CROWD, IN_STOCK] = isFull ? [1000, 100] : [100, 10];
const RACER = new URL('checkout-racer.ts', import.meta.url);
const LAST = 'SNACK-PRETZEL-200';
const PLENTY = 'ART-ERASER-KNEAD';
const MIXED = ['ICE-VANILLA-500', 'SNACK-FUDGE-250', 'ICE-CONE-12', 'ART-INK-BLACK-30'];

interface Race {
  /** How much can be reserved of each sku. */
  readonly stock: Readonly<Record<string, number>>;
  /** What each shopper has in the cart, in this order. */
  readonly carts: readonly (readonly string[])[];
  /** How many keys each shopper uses (default 1). */
  readonly keys?: number;
  /** Whether everything is asked in both processes, and not half in each. */
  readonly isAskedTwice?: boolean;
}

type Db = Kysely<ShopTables>;

const outcomesSchema = z.array(z.array(z.string()));

/** Fills a cart for each user, from this id on. */
const fillCarts = async (db: Db, firstId: number, carts: Race['carts']): Promise<void> => {
  const user = { version: 1, currency: 'USD', updated_at: 1 };
  const rows = carts.map((_, index) => ({ ...user, user_id: firstId + index }));
  await db.insertInto('carts').values(rows).execute();
  const items = carts.flatMap((skus, index) =>
    skus.map((sku, place) => ({
      ...{ sku, quantity: 1, user_id: firstId + index, created_at: place },
      id: `${firstId + index}-${place}`,
    })),
  );
  await db.insertInto('cart_items').values(items).execute();
};

/** What the shop has of these shoppers, who are numbered from 1. */
const readBack = async (db: Db, firstId: number, count: number) => {
  const lastId = firstId + count - 1;
  const rows = await db
    .selectFrom('orders')
    .select(['id', 'user_id', 'number'])
    .where('user_id', '>=', firstId)
    .where('user_id', '<=', lastId)
    .execute();
  const orders = rows.map(({ user_id, ...row }) => ({ ...row, user: user_id - firstId + 1 }));
  const lines = await db
    .selectFrom('order_lines as l')
    .innerJoin('orders as o', 'o.id', 'l.order_id')
    .innerJoin('reservation_lines as r', (join) =>
      join.onRef('r.reservation_id', '=', 'o.reservation_id').onRef('r.sku', '=', 'l.sku'),
    )
    .select('l.sku')
    .where('o.user_id', '>=', firstId)
    .where('o.user_id', '<=', lastId)
    .execute();
  const left = await db
    .selectFrom('cart_items')
    .select('user_id')
    .distinct()
    .where('user_id', '>=', firstId)
    .where('user_id', '<=', lastId)
    .execute();
  return { orders, lines: lines.length, left: left.length, faults: (await checkStock(db)).faults };
};

/** Opens a shop with two processes for all tests of a suite. The result runs a race, of a strategy or a planted bug. */
const openRaces = (engine: DatabaseEngine, redisUrl = '') => {
  let nextId = 1;
  let shop: { readonly db: Db; readonly racers: Racers };
  beforeAll(async () => {
    const { db, url } = await engine.openForSuite<ShopTables>();
    await migrate(db, shopMigrations);
    const racer = [url, redisUrl, `test:${crypto.randomUUID()}:`];
    shop = { db, racers: await startRacers(RACER, [racer, racer]) };
  }, 60_000);
  afterAll(() => shop.racers[Symbol.dispose]());

  return async (how: string, { stock, carts, keys = 1, isAskedTwice = true }: Race) => {
    const { db, racers } = shop;
    const firstId = nextId;
    nextId += carts.length;
    const shelves = createStockStore(db, { ...deps, reservations });
    for (const [sku, quantity] of Object.entries(stock)) await shelves.setAvailable(sku, quantity);
    await fillCarts(db, firstId, carts);
    const all = carts.flatMap((_, index) =>
      Array.from({ length: keys }, (__, key) => ({ userId: firstId + index, key: `key-${key}` })),
    );
    const half = Math.ceil(all.length / 2);
    const parts = isAskedTwice ? [all, all.toReversed()] : [all.slice(0, half), all.slice(half)];
    const tasks: RacerTask[] = parts.map((shoppers) => ({ how, shoppers }));
    const answers = outcomesSchema.parse(await racers.race(tasks)).flat();
    const outcomes = parts.flat().map(({ userId, key }, index) => ({
      who: `${userId} ${key}`,
      what: answers[index] ?? 'no answer',
    }));
    return { outcomes, ...(await readBack(db, firstId, carts.length)) };
  };
};

type Raced = Awaited<ReturnType<ReturnType<typeof openRaces>>>;

const repeat = (count: number, cart: readonly string[]) => Array.from({ length: count }, () => cart);

/** Every other cart names the skus in the opposite order. */
const mixed = (count: number) =>
  Array.from({ length: count }, (_, index) => (index % 2 ? MIXED.toReversed() : MIXED));

const expectSound = ({ outcomes, orders, faults }: Raced, count: number): void => {
  const ordered = outcomes.filter(({ what }) => what.startsWith('order '));
  const others = outcomes.filter((one) => !ordered.includes(one)).map(({ what }) => what);
  expect(others.filter((what) => what !== 'insufficient_stock' && what !== 'cart_empty')).toEqual([]);
  // Each key has been answered with one order, in whichever process, and each order is the answer to a key.
  const answers = new Set(ordered.map(({ who, what }) => `${who} ${what}`));
  expect(answers.size).toBe(new Set(ordered.map(({ who }) => who)).size);
  expect(new Set(ordered.map(({ what }) => what))).toEqual(new Set(orders.map(({ id }) => `order ${id}`)));
  expect(new Set(orders.map(({ user }) => user)).size).toBe(orders.length);
  expect(new Set(orders.map(({ number }) => number)).size).toBe(orders.length);
  expect(orders).toHaveLength(count);
  expect(faults).toEqual([]);
};

const wantTheSame = (buyers: number, inStock: number): Race => ({
  stock: { [LAST]: inStock },
  carts: repeat(buyers, [LAST]),
});

const lastItem: Race = { ...wantTheSame(50, 1), isAskedTwice: false };

/** Shoppers 1 to 30 have mixed carts, 31 to 38 have what there is plenty of. */
const opposingOrder: Race = {
  stock: { ...Object.fromEntries(MIXED.map((sku) => [sku, 12])), [PLENTY]: 100 },
  carts: [...mixed(30), ...repeat(8, [PLENTY])],
  keys: 2,
};

const races = (strategies: readonly StrategyName[], redisUrl?: string): void =>
  eachDatabase((engine) => {
    const race = openRaces(engine, redisUrl);

    it.each(strategies)(
      `%s sells ${IN_STOCK} items to ${CROWD} shoppers, and the last one to one of 50, ${ROUNDS} rounds`,
      async (how) => {
        expectSound(await race(how, wantTheSame(CROWD, IN_STOCK)), IN_STOCK);
        for (let round = 0; round < ROUNDS; round += 1) expectSound(await race(how, lastItem), 1);
      },
      600_000,
    );

    it.each(strategies)(
      `%s lets no deadlock through, and makes one order of a cart, ${MIXED_ROUNDS} rounds`,
      async (how) => {
        for (let round = 0; round < MIXED_ROUNDS; round += 1) {
          const sold = await race(how, opposingOrder);
          expectSound(sold, 12 + 8);
          expect(sold.orders.filter(({ user }) => user > 30)).toHaveLength(8);
          expect(sold.lines).toBe(12 * MIXED.length + 8);
          expect(sold.left).toBe(38 - 20);
        }
      },
      600_000,
    );
  });

races(STRATEGIES.filter((name) => name !== 'redis'));
await onRedis(({ url }) => races(['redis'], url));

onDatabase('postgres', (engine) => {
  const race = openRaces(engine);

  it('(detector) sees that check-then-act sells the last item more than once', async () => {
    let faults = 0;
    for (let round = 0; round < 10 && faults === 0; round += 1) {
      const sold = await race('check-then-act', wantTheSame(50, 1));
      faults = Math.max(0, sold.orders.length - 1);
    }
    expect(faults).toBeGreaterThan(0);
  }, 120_000);

  it('(detector) sees two orders of one cart that is read before its lock', async () => {
    let doubled = 0;
    for (let round = 0; round < 10 && doubled === 0; round += 1) {
      const sold = await race('cart read before its lock', { ...wantTheSame(8, 100), keys: 4 });
      doubled = Math.max(0, sold.orders.length - 8);
    }
    expect(doubled).toBeGreaterThan(0);
  }, 120_000);
});
