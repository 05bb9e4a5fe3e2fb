import { checkStock } from '@lab/inventory-reservation';
import { onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, operator, startDemo } from './demo-app.ts';

const withId = z.looseObject({ id: z.string() });

const MUG = {
  sku: 'MUG',
  name: 'Mug',
  category: 'drinks',
  price: { amount: '9.00', currency: 'USD' },
  variants: [
    { sku: 'MUG-BLUE', attributes: { color: 'blue' }, stock: 0 },
    { sku: 'MUG-RED', attributes: { color: 'red' }, stock: 1 },
  ],
};

// SQLite has one writer at a time, so that no two can wait for each other there.
onDatabase('postgres', (engine) => {
  test('an edit of a product and a sale of its last item that lock each other out both succeed', async () => {
    const { db, request } = await startDemo(engine);
    const { id } = withId.parse((await request('POST', '/products', { headers: operator, json: MUG })).body);
    await request('POST', '/carts/me/items', { headers: alice, json: { sku: 'MUG-RED', quantity: 1 } });
    const waiting = async () => {
      const { rows } = await sql<{ count: number }>`
        select count(*)::int as count from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`.execute(db);
      return rows[0]?.count;
    };
    const deadlocks = async () => {
      const { rows } = await sql<{ deadlocks: number }>`
        select deadlocks::int from pg_stat_database where datname = current_database()`.execute(db);
      return rows[0]?.deadlocks;
    };
    expect(await deadlocks()).toBe(0);

    // The edit has locked the product, and waits for the first of its variants, which this transaction holds.
    const barrier = await db.startTransaction().execute();
    await barrier.selectFrom('stock').select('sku').where('sku', '=', 'MUG-BLUE').forUpdate().execute();
    const variants = MUG.variants.map((variant) => ({ ...variant, stock: 5 }));
    const edit = request('PUT', `/products/${id}/variants`, {
      headers: { ...operator, 'If-Match': '*' },
      json: { variants },
    });
    await expect.poll(waiting).toBe(1);
    // The sale has taken the last red one, and waits for the product, which is out of stock now.
    const sale = request('POST', '/checkout', {
      headers: { ...alice, 'Idempotency-Key': crypto.randomUUID() },
      json: {},
    });
    await expect.poll(waiting).toBe(2);
    // The edit goes on to the red one.
    await barrier.commit().execute();

    const [edited, sold] = await Promise.all([edit, sale]);
    expect([edited.status, sold.status]).toEqual([200, 201]);
    await expect.poll(deadlocks).toBeGreaterThan(0);
    // Whoever came second decides how many red ones are left.
    const { available, reserved } = z
      .object({ available: z.int(), reserved: z.int() })
      .parse((await request('GET', '/stock/MUG-RED')).body);
    expect([reserved, [4, 5].includes(available)]).toEqual([1, true]);
    expect((await request('GET', `/products/${id}`)).body).toMatchObject({
      in_stock: true,
      variants: [{ available: 5 }, { available }],
    });
    expect(await db.selectFrom('orders').select('status').execute()).toEqual([{ status: 'pending' }]);
    expect((await checkStock(db)).faults).toEqual([]);
  });
});
