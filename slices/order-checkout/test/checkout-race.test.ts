import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase, onDatabase, raceProcesses } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openShop } from './shop-app.ts';

const isFull = process.env.FULL_PROOF === '1';
const ROUNDS = isFull ? 200 : 1;
const RACER = new URL('checkout-racer.ts', import.meta.url);
const LAST = 'SNACK-PRETZEL-200';
const PLENTY = 'ART-ERASER-KNEAD';
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

const repeat = (count: number, cart: readonly string[]) => Array.from({ length: count }, () => cart);

/** Every other cart names the skus in the opposite order. */
const mixed = (count: number) =>
  Array.from({ length: count }, (_, index) => (index % 2 ? MIXED.toReversed() : MIXED));

/** The same key in both processes: where both were answered with an order, it is the same one. */
const expectSameOrders = ({ forward, backward }: Awaited<ReturnType<typeof race>>) => {
  for (const [index, one] of forward.entries()) {
    const other = backward[index] ?? '';
    if (one.startsWith('order ') && other.startsWith('order ')) expect(other).toBe(one);
  }
};

eachDatabase((engine) => {
  it(`sells the last item once, lets no deadlock through, and makes one order of a cart, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const stock = { [LAST]: 1, ...Object.fromEntries(MIXED.map((sku) => [sku, 12])), [PLENTY]: 1000 };
      // Shoppers 1 to 50 want the last item, 51 to 80 have mixed carts, 81 to 88 have what there is plenty of.
      const carts = [...repeat(50, [LAST]), ...mixed(30), ...repeat(8, [PLENTY])];
      const sold = await race(engine, { stock, carts, keys: 2 });
      const outcomes = [...sold.forward, ...sold.backward];
      expect(surprises(outcomes, 'insufficient_stock', 'cart_empty')).toEqual([]);
      const users = sold.orders.map(({ user_id }) => user_id);
      expect(users.filter((user) => user <= 50)).toHaveLength(1);
      expect(users.filter((user) => user > 50 && user <= 80)).toHaveLength(12);
      expect(users.filter((user) => user > 80).toSorted()).toEqual([81, 82, 83, 84, 85, 86, 87, 88]);
      expect(new Set(users).size).toBe(users.length);
      expect(new Set(sold.orders.map(({ number }) => number)).size).toBe(21);
      expect(sold.lines).toHaveLength(1 + 12 * MIXED.length + 8);
      expect(sold.left).toHaveLength(88 - 21);
      expectSameOrders(sold);
      expect(sold.faults).toEqual([]);
    }
  }, 1_200_000);

  it.runIf(isFull)(
    'sells 100 items to 1,000 shoppers who all ask twice',
    async () => {
      const sold = await race(engine, { stock: { [LAST]: 100 }, carts: repeat(1000, [LAST]) });
      expect(surprises([...sold.forward, ...sold.backward], 'insufficient_stock')).toEqual([]);
      expect(sold.orders).toHaveLength(100);
      expectSameOrders(sold);
      expect(sold.faults).toEqual([]);
    },
    600_000,
  );
});

onDatabase('postgres', (engine) => {
  it('(detector) sees that check-then-act sells the last item more than once', async () => {
    let faults = 0;
    for (let round = 0; round < 10 && faults === 0; round += 1) {
      const carts = repeat(50, ['ICE-VANILLA-500']);
      const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 1 }, carts, bug: 'check-then-act' });
      faults = Math.max(0, sold.orders.length - 1);
    }
    expect(faults).toBeGreaterThan(0);
  }, 120_000);

  it('(detector) sees two orders of one cart that is read before its lock', async () => {
    let doubled = 0;
    for (let round = 0; round < 10 && doubled === 0; round += 1) {
      const carts = repeat(8, ['ICE-VANILLA-500']);
      const bug = 'cart read before its lock';
      const sold = await race(engine, { stock: { 'ICE-VANILLA-500': 100 }, carts, keys: 4, bug });
      doubled = Math.max(0, sold.orders.length - 8);
    }
    expect(doubled).toBeGreaterThan(0);
  }, 120_000);
});
