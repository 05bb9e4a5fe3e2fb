import { migrate, openDatabase, transact } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase, raceProcesses } from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { MAX_LINES, MAX_QUANTITY } from '../src/cart-limits.ts';
import { type CartTables, createCartStore } from '../src/cart-store.ts';
import { cartMigrations } from '../src/migrations.ts';

const ALICE = 1;
const BOB = 2;
const NOON = new Date('2026-11-20T12:00:00.000Z');
const CHIPS = { sku: 'CHIPS', currency: 'USD' };
const MOCHI = { sku: 'MOCHI', currency: 'USD' };
const CRAYONS = { sku: 'CRAYONS', currency: 'EUR' };
const NO_SUCH_ITEM = '00000000-0000-7000-8000-000000000000';

const openCarts = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<CartTables>();
  await migrate(db, [cartMigrations]);
  let ids = 0;
  // Descending ids, so that the order of the lines can only come from their timestamps.
  const newId = () => `00000000-0000-7000-8000-${String(999 - ids++).padStart(12, '0')}`;
  let minutes = 0;
  const now = () => new Date(NOON.getTime() + 60_000 * minutes++);
  return { db, url, deps: { now, newId }, carts: createCartStore(db, { now, newId }) };
};

const idOf = async (carts: ReturnType<typeof createCartStore>, userId: number, sku: string) =>
  (await carts.read(userId)).items.find((item) => item.sku === sku)?.id ?? NO_SUCH_ITEM;

/** Fills a cart with this many lines by writing to its tables. */
const fill = async (db: Kysely<CartTables>, lines: number): Promise<void> => {
  const row = { user_id: ALICE, version: 1, currency: 'USD', updated_at: NOON.getTime() };
  await db.insertInto('carts').values(row).execute();
  const items = Array.from({ length: lines }, (_, index) => ({
    id: `line-${index}`,
    user_id: ALICE,
    sku: `SKU-${index}`,
    quantity: 1,
    created_at: index,
  }));
  await db.insertInto('cart_items').values(items).execute();
};

const RACER = new URL('cart-racer.ts', import.meta.url);

eachDatabase((engine) => {
  it('gives a new user an empty cart at version 0 and stores nothing', async () => {
    const { db, carts } = await openCarts(engine);
    const empty = { userId: ALICE, version: 0, currency: null, items: [], updatedAt: null };
    expect(await carts.read(ALICE)).toEqual(empty);
    expect(await db.selectFrom('carts').selectAll().execute()).toEqual([]);
  });

  it('adds lines in order, adds to the quantity of a known sku, and increments the version', async () => {
    const { carts } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: 2 });
    await carts.add(ALICE, { ...MOCHI, quantity: 1 });
    const added = await carts.add(ALICE, { ...CHIPS, quantity: 3 });
    const cart = {
      userId: ALICE,
      version: 3,
      currency: 'USD',
      items: [
        { id: expect.any(String), sku: 'CHIPS', quantity: 5 },
        { id: expect.any(String), sku: 'MOCHI', quantity: 1 },
      ],
      updatedAt: expect.any(Date),
    };
    expect(added).toEqual({ ok: true, cart });
    expect(await carts.read(ALICE)).toEqual(added.ok && added.cart);
  });

  it('allows a total of 1 to 10,000 of a sku, and changes nothing when it refuses more', async () => {
    const { carts } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: MAX_QUANTITY - 1 });
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 2 })).toEqual({
      ok: false,
      code: 'quantity_out_of_range',
      quantity: 10_001,
    });
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 1 })).toMatchObject({ ok: true });
    const itemId = await idOf(carts, ALICE, 'CHIPS');
    for (const quantity of [0, -1, MAX_QUANTITY + 1]) {
      const refused = await carts.setQuantity(ALICE, { itemId, quantity });
      expect(refused).toEqual({ ok: false, code: 'quantity_out_of_range', quantity });
    }
    expect(await carts.read(ALICE)).toMatchObject({ version: 2, items: [{ quantity: 10_000 }] });
  });

  it('has one currency while it has lines, and none when it is empty', async () => {
    const { carts } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: 1 });
    const refused = { ok: false, code: 'mixed_currency', cartCurrency: 'USD' };
    expect(await carts.add(ALICE, { ...CRAYONS, quantity: 1 })).toEqual(refused);
    const removed = await carts.remove(ALICE, { itemId: await idOf(carts, ALICE, 'CHIPS') });
    expect(removed).toMatchObject({ ok: true, cart: { version: 2, currency: null, items: [] } });
    const added = await carts.add(ALICE, { ...CRAYONS, quantity: 1 });
    expect(added).toMatchObject({ ok: true, cart: { version: 3, currency: 'EUR' } });
  });

  it('keeps its currency while a line is left', async () => {
    const { carts } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: 1 });
    await carts.add(ALICE, { ...MOCHI, quantity: 1 });
    const removed = await carts.remove(ALICE, { itemId: await idOf(carts, ALICE, 'CHIPS') });
    expect(removed).toMatchObject({ ok: true, cart: { currency: 'USD', items: [{ sku: 'MOCHI' }] } });
  });

  it('changes a cart only at the expected version, starting with 0', async () => {
    const { carts } = await openCarts(engine);
    const stale = (currentVersion: number) => ({ ok: false, code: 'version_conflict', currentVersion });
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 1, expectedVersion: 1 })).toEqual(stale(0));
    const first = await carts.add(ALICE, { ...CHIPS, quantity: 1, expectedVersion: 0 });
    expect(first).toMatchObject({ ok: true, cart: { version: 1 } });
    const itemId = await idOf(carts, ALICE, 'CHIPS');
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 1, expectedVersion: 0 })).toEqual(stale(1));
    expect(await carts.setQuantity(ALICE, { itemId, quantity: 9, expectedVersion: 2 })).toEqual(stale(1));
    expect(await carts.remove(ALICE, { itemId, expectedVersion: 0 })).toEqual(stale(1));
    const set = await carts.setQuantity(ALICE, { itemId, quantity: 9, expectedVersion: 1 });
    expect(set).toMatchObject({ ok: true, cart: { version: 2, items: [{ quantity: 9 }] } });
    expect(await carts.remove(ALICE, { itemId, expectedVersion: 2 })).toMatchObject({ ok: true });
  });

  it("does not find or change another user's item", async () => {
    const { carts } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: 3 });
    const itemId = await idOf(carts, ALICE, 'CHIPS');
    const notFound = { ok: false, code: 'item_not_found' };
    expect(await carts.setQuantity(BOB, { itemId, quantity: 1 })).toEqual(notFound);
    expect(await carts.remove(BOB, { itemId })).toEqual(notFound);
    expect(await carts.remove(BOB, { itemId: 'not an id' })).toEqual(notFound);
    expect(await carts.read(BOB)).toMatchObject({ version: 0, items: [] });
    expect(await carts.read(ALICE)).toMatchObject({ version: 1, items: [{ quantity: 3 }] });
  });

  it('stores nothing for a change that is refused or finds nothing', async () => {
    const { db, carts } = await openCarts(engine);
    const refused = [
      await carts.remove(ALICE, { itemId: NO_SUCH_ITEM }),
      await carts.remove(ALICE, { itemId: NO_SUCH_ITEM, expectedVersion: 0 }),
      await carts.setQuantity(ALICE, { itemId: NO_SUCH_ITEM, quantity: 1 }),
      await carts.add(ALICE, { ...CHIPS, quantity: MAX_QUANTITY + 1 }),
      await carts.add(ALICE, { ...CHIPS, quantity: 1, expectedVersion: 1 }),
    ];
    expect(refused.map((outcome) => outcome.ok || outcome.code)).toEqual([
      'item_not_found',
      'item_not_found',
      'item_not_found',
      'quantity_out_of_range',
      'version_conflict',
    ]);
    expect(await db.selectFrom('carts').selectAll().execute()).toEqual([]);
  });

  it('holds 100 lines, refuses one more, and still adds to the existing ones', async () => {
    const { db, carts } = await openCarts(engine);
    await fill(db, MAX_LINES - 1);
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 1 })).toMatchObject({ ok: true });
    const refused = await carts.add(ALICE, { ...MOCHI, quantity: 1 });
    expect(refused).toEqual({ ok: false, code: 'cart_full' });
    expect(await carts.add(ALICE, { ...CHIPS, quantity: 4 })).toMatchObject({ ok: true });
    const { version, items } = await carts.read(ALICE);
    expect([version, items.length, items.at(-1)?.quantity]).toEqual([3, MAX_LINES, 5]);
  });

  it('lets only one of two stores add the hundredth line', async () => {
    const { db, url, carts, deps } = await openCarts(engine);
    await fill(db, MAX_LINES - 1);
    const otherDb = openDatabase<CartTables>(url);
    onTestFinished(() => otherDb.destroy());
    const other = createCartStore(otherDb, deps);
    const add = (store: typeof carts, name: string) =>
      Array.from({ length: 5 }, (_, index) =>
        store.add(ALICE, { sku: `${name}-${index}`, quantity: 1, currency: 'USD' }),
      );
    const outcomes = await Promise.all([...add(carts, 'HERE'), ...add(other, 'THERE')]);
    const codes = outcomes.map((outcome) => outcome.ok || outcome.code);
    expect(codes.toSorted()).toEqual([...Array(9).fill('cart_full'), true]);
    expect(await carts.read(ALICE)).toMatchObject({ version: 2, items: { length: MAX_LINES } });
  });

  it('works inside a transaction that its caller opened', async () => {
    const { db, carts, deps } = await openCarts(engine);
    const checkout = transact(db, async (trx) => {
      const inside = createCartStore(trx, deps);
      await inside.add(ALICE, { ...CHIPS, quantity: 1 });
      expect(await inside.read(ALICE)).toMatchObject({ version: 1 });
      throw new Error('the payment failed');
    });
    await expect(checkout).rejects.toThrow('the payment failed');
    expect(await carts.read(ALICE)).toMatchObject({ version: 0, items: [] });
  });

  it('loses none of thirty parallel additions to a cart that does not exist yet', async () => {
    const { carts } = await openCarts(engine);
    await Promise.all(Array.from({ length: 30 }, () => carts.add(ALICE, { ...CHIPS, quantity: 1 })));
    expect(await carts.read(ALICE)).toMatchObject({ version: 30, items: [{ sku: 'CHIPS', quantity: 30 }] });
  });

  it('accepts one of thirty parallel changes that expect the same version', async () => {
    const { carts } = await openCarts(engine);
    const add = () => carts.add(ALICE, { ...CHIPS, quantity: 1, expectedVersion: 0 });
    const outcomes = await Promise.all(Array.from({ length: 30 }, add));
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await carts.read(ALICE)).toMatchObject({ version: 1, items: [{ quantity: 1 }] });
  });

  it('loses none of thirty additions from two processes', async () => {
    const { carts, url } = await openCarts(engine);
    const racer = [url, 'locked', '15'];
    expect(await raceProcesses(RACER, [racer, racer])).toEqual(['added', 'added']);
    expect(await carts.read(ALICE)).toMatchObject({ version: 30, items: [{ sku: 'CHIPS', quantity: 30 }] });
  }, 30_000);

  it('(detector) sees additions lost without a lock', async () => {
    const { carts, url } = await openCarts(engine);
    await carts.add(ALICE, { ...CHIPS, quantity: 1 });
    const racer = [url, 'unlocked', '15'];
    await raceProcesses(RACER, [racer, racer]);
    const [line] = (await carts.read(ALICE)).items;
    expect(line?.quantity).toBeLessThan(31);
  }, 30_000);
});
