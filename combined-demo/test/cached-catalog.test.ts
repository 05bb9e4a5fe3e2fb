import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { shopProducts } from '../src/stock.ts';
import { alice, operator, startDemo } from './demo-app.ts';

const [product] = shopProducts;

eachDatabase((engine) => {
  it('answers products and pages from memory, and shows a new price at once, in carts too', async () => {
    if (product === undefined) throw new Error('the shop has no products');
    const { request } = await startDemo(engine);
    const [detail, page] = [`/products/${product.id}`, '/products?sort=price_asc&category=snacks&limit=5'];
    const cacheOf = async (path: string) => (await request('GET', path)).headers.get('x-cache');
    expect([await cacheOf(detail), await cacheOf(detail)]).toEqual(['MISS', 'HIT']);
    const first = await request('GET', page);
    const again = await request('GET', '/products?limit=5&category=snacks&sort=price_asc');
    expect([again.headers.get('x-cache'), again.text]).toEqual(['HIT', first.text]);
    const link = again.headers.get('link') ?? '';
    expect(link).toMatch(/^<\/products\?limit=5&category=snacks&sort=price_asc&cursor=[^>]+>; rel="next"$/);
    const next = await request('GET', /<([^>]+)>/.exec(link)?.[1] ?? '');
    expect([next.status, next.headers.get('x-cache')]).toEqual([200, 'MISS']);

    const price = { amount: '0.05', currency: product.currency };
    expect((await request('PUT', detail, { headers: alice, json: { price } })).status).toBe(403);
    expect((await request('PUT', detail, { headers: operator, json: { price } })).status).toBe(200);
    expect((await request('GET', detail)).body).toMatchObject({ price });
    expect((await request('GET', page)).text).toContain('"amount":"0.05"');
    const line = { sku: product.sku, quantity: 1 };
    const cart = await request('POST', '/carts/me/items', { headers: alice, json: line });
    expect(cart.body).toMatchObject({ items: [{ unit_price: price }] });
  });
});
