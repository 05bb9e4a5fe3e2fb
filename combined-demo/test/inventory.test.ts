import { checkStock } from '@lab/inventory-reservation';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { operator, startDemo } from './demo-app.ts';

const detail = z.object({
  in_stock: z.boolean(),
  variants: z.array(z.object({ sku: z.string(), available: z.int() })),
});
const listed = z.object({ items: z.array(z.object({ sku: z.string(), in_stock: z.boolean() })) });
const withId = z.object({ id: z.string() });

const MUG = {
  sku: 'MUG',
  name: 'Mug',
  category: 'drinks',
  price: { amount: '9.00', currency: 'USD' },
  variants: [
    { sku: 'MUG-RED', attributes: { color: 'red' }, stock: 3 },
    { sku: 'MUG-BLUE', attributes: { color: 'blue' }, stock: 0 },
  ],
};

const openShop = async (engine: DatabaseEngine) => {
  const { db, request } = await startDemo(engine);
  const created = await request('POST', '/products', { headers: operator, json: MUG });
  const { id } = withId.parse(created.body);
  const product = async () => detail.parse((await request('GET', `/products/${id}`)).body);
  const inList = async () => {
    const { items } = listed.parse((await request('GET', '/products?category=drinks&limit=100')).body);
    return items.find(({ sku }) => sku === MUG.sku)?.in_stock;
  };
  const post = (path: string, json: object) =>
    request('POST', path, { headers: { ...operator, 'Idempotency-Key': crypto.randomUUID() }, json });
  const hold = async (quantity: number) =>
    withId.parse((await post('/reservations', { lines: [{ sku: 'MUG-RED', quantity }] })).body).id;
  return { db, request, id, product, inList, post, hold };
};

eachDatabase((engine) => {
  test('a product is out of stock from the answer that reserved the last of it, in cached pages too', async () => {
    const { db, product, inList, post, hold } = await openShop(engine);
    expect([(await product()).in_stock, await inList()]).toEqual([true, true]);
    const reservation = await hold(3);
    expect([(await product()).in_stock, await inList()]).toEqual([false, false]);
    expect((await product()).variants.map(({ available }) => available)).toEqual([0, 0]);
    await post(`/reservations/${reservation}/release`, {});
    expect([(await product()).in_stock, await inList()]).toEqual([true, true]);
    expect((await checkStock(db)).faults).toEqual([]);
  });

  test('what staff set for a variant leaves what is held, and a deleted product leaves only that', async () => {
    const { db, request, id, product, hold } = await openShop(engine);
    await hold(2);
    const variants = MUG.variants.map((variant) => ({ ...variant, stock: 5 }));
    const headers = { ...operator, 'If-Match': '*' };
    await request('PUT', `/products/${id}/variants`, { headers, json: { variants } });
    expect((await product()).variants.map(({ available }) => available)).toEqual([5, 5]);
    const stockOf = async (sku: string) => (await request('GET', `/stock/${sku}`)).body;
    expect(await stockOf('MUG-RED')).toMatchObject({ on_hand: 7, reserved: 2, available: 5 });
    await request('DELETE', `/products/${id}`, { headers: operator });
    expect(await stockOf('MUG-RED')).toMatchObject({ on_hand: 2, reserved: 2 });
    expect(await stockOf('MUG-BLUE')).toMatchObject({ on_hand: 0, reserved: 0 });
    expect((await checkStock(db)).faults).toEqual([]);
  });
});
