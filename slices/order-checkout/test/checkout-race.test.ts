import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase, onDatabase, raceProcesses } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openShop } from './shop-app.ts';

const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 200 : 1;
const RACER = new URL('checkout-racer.ts', import.meta.url);
const MIXED = ['ICE-VANILLA-500', 'SNACK-FUDGE-250', 'ICE-CONE-12', 'ART-INK-BLACK-30'];

interface Race {
  readonly stock: Readonly<Record<string, number>>;
  /** What each shopper has in the cart, in this order. */
  readonly carts: readonly (readonly string[])[];
  /** How many keys each shopper uses, in each of the two processes. */
  readonly keys?: number;
  readonly bug?: string;
}

/** Both processes check out all carts, with the same keys. */
const race = async (engine: DatabaseEngine, { stock, carts, keys = 1, bug = '' }: Race) => {
  const shop = await openShop(engine);
  await shop.stock.create(Object.entries(stock).map(([sku, quantity]) => ({ sku, quantity })));
  const user = { version: 1, currency: 'USD', updated_at: 1 };
  await shop.db
    .insertInto('carts')
    .values(carts.map((_, index) => ({ ...user, user_id: index + 1 })))
    .execute();
  const items = carts.flatMap((skus, index) =>
    skus.map((sku, place) => ({
      sku,
      quantity: 1,
      user_id: index + 1,
      id: `${index}-${place}`,
      created_at: place,
    })),
  );
  await shop.db.insertInto('cart_items').values(items).execute();
  const plan = carts.flatMap((_, index) =>
    Array.from({ length: keys }, (__, key) => ({ userId: index + 1, key: `key-${key}` })),
  );
  const racers = [plan, plan.toReversed()].map((part) => [shop.url, bug, JSON.stringify(part)]);
  const [forward = [], backward = []] = z
    .array(z.array(z.string()))
    .parse(await raceProcesses(RACER, racers));
  const orders = await shop.db.selectFrom('orders').select(['id', 'user_id', 'number']).execute();
  const left = await shop.db.selectFrom('cart_items').select('user_id').distinct().execute();
  const lines = await shop.db.selectFrom('order_lines').select(['order_id']).execute();
  const { faults } = await checkStock(shop.db);
  return { forward, backward: backward.toReversed(), orders, lines, left, faults };
};

const surprises = (outcomes: readonly string[], ...known: readonly string[]) =>
  outcomes.filter((one) => !one.startsWith('order ') && !known.includes(one));

eachDatabase((engine) => {
  it(`sells the last item once to 50 shoppers who all ask twice, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const carts = Array.from({ length: 50 }, () => ['ICE-VANILLA-500']);
      const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 1 }, carts });
      expect(surprises([...sold.forward, ...sold.backward], 'insufficient_stock')).toEqual([]);
      expect(sold.orders).toHaveLength(1);
      expect(sold.left).toHaveLength(49);
      expect(sold.faults).toEqual([]);
    }
  }, 1_200_000);

  it('lets no deadlock through when carts name the same skus in opposing order, and each key has one order', async () => {
    const buyers = isFull ? 1000 : 60;
    const each = isFull ? 100 : 20;
    const carts = Array.from({ length: buyers }, (_, index) => (index % 2 ? MIXED.toReversed() : MIXED));
    const sold = await race(engine, { stock: Object.fromEntries(MIXED.map((sku) => [sku, each])), carts });
    expect(surprises([...sold.forward, ...sold.backward], 'insufficient_stock')).toEqual([]);
    expect(sold.orders).toHaveLength(each);
    expect(new Set(sold.orders.map(({ number }) => number)).size).toBe(each);
    expect(sold.lines).toHaveLength(each * MIXED.length);
    // The same key in both processes: where both were answered with an order, it is the same one.
    for (const [index, one] of sold.forward.entries()) {
      const other = sold.backward[index] ?? '';
      if (one.startsWith('order ') && other.startsWith('order ')) expect(other).toBe(one);
    }
    expect(sold.faults).toEqual([]);
  }, 600_000);

  it('makes one order of a cart, whatever keys it is checked out with', async () => {
    const carts = Array.from({ length: 8 }, () => ['ICE-VANILLA-500']);
    const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 100 }, carts, keys: 4 });
    expect(surprises([...sold.forward, ...sold.backward], 'cart_empty')).toEqual([]);
    expect(sold.orders.map(({ user_id }) => user_id).toSorted((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(sold.faults).toEqual([]);
  }, 120_000);
});

onDatabase('postgres', (engine) => {
  it('(detector) sees that check-then-act sells the last item more than once', async () => {
    let faults = 0;
    for (let round = 0; round < 10 && faults === 0; round += 1) {
      const carts = Array.from({ length: 50 }, () => ['ICE-VANILLA-500']);
      const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 1 }, carts, bug: 'check-then-act' });
      faults = Math.max(0, sold.orders.length - 1);
    }
    expect(faults).toBeGreaterThan(0);
  }, 120_000);

  it('(detector) sees two orders of one cart that is read before its lock', async () => {
    let doubled = 0;
    for (let round = 0; round < 10 && doubled === 0; round += 1) {
      const carts = Array.from({ length: 8 }, () => ['ICE-VANILLA-500']);
      const bug = 'cart read before its lock';
      const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 100 }, carts, keys: 4, bug });
      doubled = Math.max(0, sold.orders.length - 8);
    }
    expect(doubled).toBeGreaterThan(0);
  }, 120_000);
});
