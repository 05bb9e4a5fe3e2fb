import { checkStock } from '@lab/inventory-reservation';
import { eachDatabase } from '@lab/testing';
import { expect, it, onTestFinished } from 'vitest';
import { alice, operator, startTestShop } from './shop-app.ts';
import { watchStatements } from './statements.ts';

const TABLES = [
  ...(['orders', 'order_lines', 'order_events', 'reservations', 'reservation_lines'] as const),
  ...(['stock', 'stock_ledger', 'carts', 'cart_items', 'idempotency_keys'] as const),
];

eachDatabase((engine) => {
  const open = async () => {
    const shop = await startTestShop(engine);
    await shop.stock.create([
      { sku: 'ICE-VANILLA-500', quantity: 10 },
      { sku: 'SNACK-FUDGE-250', quantity: 5 },
    ]);
    await shop.fill(alice, { 'SNACK-FUDGE-250': 1, 'ICE-VANILLA-500': 2 });
    const statements = await watchStatements(shop.db);
    onTestFinished(() => statements.restore());
    const everything = () =>
      Promise.all(
        TABLES.map(async (table) => [table, await shop.db.selectFrom(table).selectAll().execute()]),
      );

    /** Sends a request with its first statement failing, then its second, until one succeeds. */
    const failEach = async (send: () => Promise<{ status: number }>) => {
      const before = await everything();
      for (let failing = 1; ; failing += 1) {
        statements.start((number) => {
          if (number === failing) throw new Error('the statement fails');
        });
        const { status } = await send();
        const count = statements.stop();
        if (count < failing) return { status, statements: count };
        expect(status, `statement ${failing}`).toBe(500);
        expect(await everything(), `statement ${failing}`).toEqual(before);
      }
    };
    return { ...shop, failEach };
  };

  it('leaves nothing behind, whichever statement of a checkout fails, and then succeeds with the same key', async () => {
    const { checkOut, failEach, db } = await open();
    const { status, statements } = await failEach(() => checkOut(alice, {}, 'key'));
    expect(status).toBe(201);
    expect(statements).toBeGreaterThan(12);
    expect(await db.selectFrom('orders').select('id').execute()).toHaveLength(1);
    expect((await checkStock(db)).faults).toEqual([]);
  });

  it('leaves nothing behind, whichever statement of a cancellation fails', async () => {
    const { checkOut, failEach, post, db, stockOf } = await open();
    const { body } = await checkOut(alice);
    const path = `/orders/${(body as { id: string }).id}`;
    await post(`${path}/transitions`, operator, { to: 'payment_confirmed' });
    expect((await failEach(() => post(`${path}/cancel`, alice))).status).toBe(200);
    expect(await stockOf('ICE-VANILLA-500')).toEqual([10, 0]);
    expect((await checkStock(db)).faults).toEqual([]);
  });
});
