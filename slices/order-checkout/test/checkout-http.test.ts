import { checkStock } from '@lab/inventory-reservation';
import { transact } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { expireOrders } from '../src/orders/expiry-sweeper.ts';
import { alice, bob, operator, startTestShop, WINDOW_MS } from './shop-app.ts';

const orderBody = z.looseObject({ id: z.string(), number: z.string(), status: z.string(), version: z.int() });
const usd = (amount: string) => ({ amount, currency: 'USD' });

eachDatabase((engine) => {
  const open = async () => {
    const shop = await startTestShop(engine);
    await shop.stock.create([
      { sku: 'ICE-VANILLA-500', quantity: 10 },
      { sku: 'SNACK-FUDGE-250', quantity: 5 },
    ]);
    /** Alice's order of two kinds of goods. */
    const order = async () => {
      await shop.fill(alice, { 'ICE-VANILLA-500': 2, 'SNACK-FUDGE-250': 1 });
      return orderBody.parse((await shop.checkOut(alice)).body);
    };
    const move = (id: string, to: string, more: object = {}) =>
      shop.post(`/orders/${id}/transitions`, operator, { to, ...more });
    const faults = async () => (await checkStock(shop.db)).faults;
    return { ...shop, order, move, faults };
  };

  it('turns the cart into an order with the prices of now, holds the goods and empties the cart', async () => {
    const { fill, checkOut, get, stockOf, faults } = await open();
    await fill(alice, { 'ICE-VANILLA-500': 2, 'SNACK-FUDGE-250': 1 });
    const address = { name: 'Alice', line1: '1 Road', postal_code: '1', city: 'London', country: 'GB' };
    const json = { shipping_address: address, tax_rate: '0.0825', expected_total: usd('24.82') };
    const first = await checkOut(alice, json, 'key');
    expect(first.body).toMatchObject({
      number: 'O-000001',
      user_id: 1,
      status: 'pending',
      version: 1,
      lines: [
        { sku: 'ICE-VANILLA-500', quantity: 2, unit_price: usd('6.99'), line_total: usd('13.98') },
        { sku: 'SNACK-FUDGE-250', quantity: 1, unit_price: usd('8.95'), line_total: usd('8.95') },
      ],
      subtotal: usd('22.93'),
      discount: usd('0.00'),
      tax: usd('1.89'),
      total: usd('24.82'),
      shipping_address: address,
      expires_at: '2026-11-20T12:15:00.000Z',
    });
    expect(first.status).toBe(201);
    const location = first.headers.get('location') ?? '';
    expect((await get(location, alice)).text).toBe(first.text);
    expect((await get('/carts/me', alice)).body).toMatchObject({ items: [], subtotal: null });
    expect(await stockOf('ICE-VANILLA-500')).toEqual([10, 2]);
    const again = await checkOut(alice, json, 'key');
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect((await checkOut(alice)).body).toMatchObject({ status: 409, code: 'cart_empty' });
    expect(await faults()).toEqual([]);
  });

  it('refuses what it cannot sell, and changes nothing', async () => {
    const { db, fill, checkOut, get, stockOf } = await open();
    await fill(alice, { 'ICE-VANILLA-500': 1, 'SNACK-FUDGE-250': 6, 'ICE-CONE-12': 1 });
    const cart = (await get('/carts/me', alice)).text;
    const moved = await checkOut(alice, { expected_total: usd('1.00') });
    expect(moved.body).toMatchObject({ status: 409, code: 'price_changed', current_total: usd('64.84') });
    const nowhere = { amount: '64.84', currency: 'ZZZ' };
    expect((await checkOut(alice, { expected_total: nowhere })).body).toMatchObject({
      code: 'price_changed',
    });
    expect((await checkOut(alice, { promo_code: 'X' })).body).toMatchObject({ code: 'unknown_promo' });
    expect((await checkOut(alice, { address_id: 'x' })).body).toMatchObject({ code: 'address_not_found' });
    // Nobody has stocked the cones yet, which is found first.
    const unstocked = await checkOut(alice, {}, 'key');
    expect(unstocked.body).toMatchObject({ code: 'insufficient_stock', status: 409 });
    await fill(bob, { 'SNACK-FUDGE-250': 6 });
    expect((await checkOut(bob)).body).toMatchObject({
      code: 'insufficient_stock',
      shortages: [{ sku: 'SNACK-FUDGE-250', wanted: 6, available: 5 }],
    });
    expect((await get('/carts/me', alice)).text).toBe(cart);
    expect(await stockOf('ICE-VANILLA-500')).toEqual([10, 0]);
    for (const table of [
      'orders',
      'order_lines',
      'order_events',
      'reservations',
      'idempotency_keys',
    ] as const)
      expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([]);
  });

  it('shows orders and their events to their owners and to staff', async () => {
    const { fill, checkOut, get, order, move } = await open();
    const { id } = await order();
    await fill(bob, { 'ICE-VANILLA-500': 1 });
    const other = orderBody.parse((await checkOut(bob)).body);
    await move(id, 'payment_confirmed', { reason: 'bank transfer' });
    const idsIn = async (path: string, as: Record<string, string>) =>
      z
        .object({ items: z.array(orderBody) })
        .parse((await get(path, as)).body)
        .items.map((one) => one.id);
    expect(await idsIn('/orders', alice)).toEqual([id]);
    expect((await idsIn('/orders', operator)).toSorted()).toEqual([id, other.id].toSorted());
    expect(await idsIn('/orders?user_id=2', operator)).toEqual([other.id]);
    expect(await idsIn('/orders?status=payment_confirmed', operator)).toEqual([id]);
    expect((await get('/orders?user_id=2', alice)).body).toMatchObject({ code: 'forbidden' });
    for (const path of [`/orders/${id}`, `/orders/${id}/events`])
      expect((await get(path, bob)).body).toMatchObject({ status: 404, code: 'order_not_found' });
    expect((await get(`/orders/${id}/events`, alice)).body).toMatchObject({
      items: [
        { from: null, to: 'pending', actor: 'shopper:1' },
        { from: 'pending', to: 'payment_confirmed', actor: 'operator', reason: 'bank transfer', version: 2 },
      ],
    });
  });

  it('lets goods leave when an order is paid, and takes them back when it is cancelled before it is shipped', async () => {
    const { order, move, post, stockOf, faults } = await open();
    const { id } = await order();
    await move(id, 'payment_confirmed');
    expect(await stockOf('ICE-VANILLA-500')).toEqual([8, 0]);
    const stale = await move(id, 'processing', { expected_version: 1 });
    expect(stale.body).toMatchObject({ status: 409, code: 'version_conflict', current_version: 2 });
    await move(id, 'processing', { expected_version: 2 });
    expect((await post(`/orders/${id}/cancel`, bob)).status).toBe(404);
    expect((await post(`/orders/${id}/cancel`, alice)).body).toMatchObject({
      status: 'cancelled',
      version: 4,
    });
    expect(await stockOf('ICE-VANILLA-500')).toEqual([10, 0]);
    const late = await move(id, 'shipped');
    expect(late.body).toMatchObject({ code: 'illegal_transition', from: 'cancelled', allowed: [] });
    expect(await faults()).toEqual([]);
  });

  it('expires what is not paid in time, once, and never what is paid', async () => {
    const { db, orders, order, advance, now, get, stockOf, faults } = await open();
    const [paid, unpaid] = [await order(), await order()];
    await transact(db, (trx) => orders.paid(trx.withTables(), paid.id));
    await advance(WINDOW_MS - 1);
    const sweep = () => expireOrders({ db: db.withTables(), orders, now });
    expect(await sweep()).toBe(0);
    await advance(1);
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect((await get(`/orders/${paid.id}`, alice)).body).toMatchObject({ status: 'payment_confirmed' });
    expect((await get(`/orders/${unpaid.id}`, alice)).body).toMatchObject({ status: 'expired' });
    expect(await transact(db, (trx) => orders.paid(trx.withTables(), unpaid.id))).toEqual({
      refused: 'expired',
    });
    expect(await stockOf('ICE-VANILLA-500')).toEqual([8, 0]);
    expect(await faults()).toEqual([]);
  });

  it('expires an order that is paid so late that its goods were given to others', async () => {
    const { db, orders, order, fill, checkOut, advance, stockOf, faults } = await open();
    const { id } = await order();
    await advance(WINDOW_MS * 2);
    await fill(bob, { 'SNACK-FUDGE-250': 5 });
    expect((await checkOut(bob)).status).toBe(201);
    expect(await transact(db, (trx) => orders.paid(trx.withTables(), id))).toEqual({ refused: 'expired' });
    expect(await stockOf('SNACK-FUDGE-250')).toEqual([5, 5]);
    expect(await faults()).toEqual([]);
  });
});
