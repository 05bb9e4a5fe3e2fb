import { createProductStore, productOf } from '@lab/catalog-pagination';
import { parseMoney } from '@lab/shared/money';
import { eachDatabase } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, startDemo } from './demo-app.ts';

const money = z.object({ amount: z.string(), currency: z.string() });
const product = z.looseObject({ id: z.string(), sku: z.string(), name: z.string(), price: money });
const listed = z.object({ items: z.array(product) });
const cartBody = z.object({
  items: z.array(
    z.object({ id: z.string(), sku: z.string(), available: z.boolean(), line_total: money.nullable() }),
  ),
  subtotal: money.nullable(),
});

eachDatabase((engine) => {
  const open = async () => {
    const { db, request } = await startDemo(engine);
    const add = (sku: string, quantity: number) =>
      request('POST', '/carts/me/items', { headers: alice, json: { sku, quantity } });
    const cart = async () => (await request('GET', '/carts/me', { headers: alice })).body;
    const firstProduct = async (query: string) => {
      const { body } = await request('GET', `/products?${query}`);
      return product.parse(listed.parse(body).items[0]);
    };
    return { db, products: createProductStore(db), request, add, cart, firstProduct };
  };

  test('prices a cart with the prices of the catalog', async () => {
    const { add, firstProduct } = await open();
    const sample = await firstProduct('sort=price_desc&category=drinks');
    expect(sample.sku).toMatch(/^LAB-/);
    const added = await add(sample.sku, 1);
    expect(added.status).toBe(201);
    const line = { sku: sample.sku, name: sample.name, unit_price: sample.price, line_total: sample.price };
    expect(added.body).toMatchObject({ items: [line], subtotal: sample.price });
  });

  test("shows a cart at the catalog's current prices, no matter when it was filled", async () => {
    const { products, add, cart, request } = await open();
    await add('ICE-VANILLA-500', 3);
    expect(await cart()).toMatchObject({ subtotal: { amount: '20.97', currency: 'USD' } });
    const named = { sku: 'ICE-VANILLA-500', name: 'Vanilla' };
    const unit_price = { amount: '7.25', currency: 'USD' };
    const place = { id: 'of another', category: 'ice-cream', createdAt: new Date(0) };
    await products.upsert([productOf({ ...named, unitPrice: parseMoney(unit_price) }, place)]);
    const line = { name: 'Vanilla', unit_price: { amount: '7.25' }, line_total: { amount: '21.75' } };
    expect(await cart()).toMatchObject({ version: 1, items: [line], subtotal: { amount: '21.75' } });
    expect((await request('GET', '/cart/prices')).body).toMatchObject({
      items: expect.arrayContaining([{ ...named, unit_price }]),
    });
  });

  test("lists the prices of the shop's own products, and has these products in the catalog", async () => {
    const { request, firstProduct } = await open();
    const { body } = await request('GET', '/cart/prices');
    const { items } = z
      .object({ items: z.array(z.object({ sku: z.string(), name: z.string(), unit_price: money })) })
      .parse(body);
    expect(items).toHaveLength(31);
    const newest = await firstProduct('currency=EUR');
    expect(items).toContainEqual({ sku: newest.sku, name: newest.name, unit_price: newest.price });
    expect((await request('GET', `/products/${newest.id}`)).body).toMatchObject({ sku: newest.sku });
  });

  test('shows a product that was deleted from the catalog as unavailable, and can remove it from the cart', async () => {
    const { db, request, add, cart } = await open();
    for (const sku of ['ICE-VANILLA-500', 'ICE-CONE-12', 'SNACK-FUDGE-250']) await add(sku, 2);
    const lost = ['ICE-VANILLA-500', 'SNACK-FUDGE-250'];
    await db.deleteFrom('products').where('sku', 'in', lost).execute();
    const shown = cartBody.parse(await cart());
    const prices = shown.items.map(({ sku, available, line_total }) => [sku, available, line_total?.amount]);
    expect(prices).toEqual([
      ['ICE-VANILLA-500', false, undefined],
      ['ICE-CONE-12', true, '8.30'],
      ['SNACK-FUDGE-250', false, undefined],
    ]);
    expect(shown.subtotal).toEqual({ amount: '8.30', currency: 'USD' });
    const [vanilla, cone, fudge] = shown.items.map(({ id }) => `/carts/me/items/${id}`);
    const statuses = [
      await request('DELETE', cone ?? '', { headers: alice }),
      await request('PATCH', vanilla ?? '', { headers: alice, json: { quantity: 1 } }),
      await request('DELETE', vanilla ?? '', { headers: alice }),
      await request('DELETE', fudge ?? '', { headers: alice }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(await cart()).toMatchObject({ version: 7, items: [], subtotal: null });
  });

  test('refuses a sku that is not in the catalog, and a second currency', async () => {
    const { add, cart, firstProduct } = await open();
    const added = await add('SNACK-FUDGE-250', 1);
    expect((await add('LAB-99999999', 1)).body).toMatchObject({ status: 404, code: 'unknown_sku' });
    const inEuro = await firstProduct('currency=EUR&sort=price_asc');
    expect((await add(inEuro.sku, 1)).body).toMatchObject({ status: 422, code: 'mixed_currency' });
    expect(await cart()).toEqual(added.body);
  });
});
