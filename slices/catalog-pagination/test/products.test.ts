import { openDatabase } from '@lab/shared/database';
import { parseMoney } from '@lab/shared/money';
import { eachDatabase, startApp } from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type CatalogTables, createCatalogPriceList, createProductStore, productOf } from '../src/index.ts';
import { openShop, productNumber } from './sample-shop.ts';

const listSchema = z.object({ items: z.array(z.looseObject({ sku: z.string() })) });

eachDatabase((engine) => {
  const open = async () => {
    const shop = await openShop(engine);
    const { request } = await startApp(shop.app);
    const skus = async (query: string): Promise<string[]> => {
      const { body } = await request('GET', `/products?${query}`);
      return listSchema.parse(body).items.map(({ sku }) => sku);
    };
    return { ...shop, request, skus };
  };

  it('shows a product, and answers 304 to a client with a current copy', async () => {
    const { products, request } = await open();
    await products.upsert([productNumber(1, { id: 'a', price_minor: 1999, category_id: 'snacks.nuts' })]);
    const first = await request('GET', '/products/a');
    expect(first.body).toEqual({
      id: 'a',
      sku: 'SKU-1',
      name: 'almonds',
      category: 'snacks.nuts',
      price: { amount: '19.99', currency: 'USD' },
      in_stock: true,
      created_at: '2026-01-01T00:00:01.000Z',
    });
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await request('GET', '/products/a', { headers: { 'If-None-Match': known } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    const other = await request('GET', '/products/a', { headers: { 'If-None-Match': '"other"' } });
    expect([other.status, other.text]).toEqual([200, first.text]);
    await products.change('a', { price_minor: 2000 });
    const changed = await request('GET', '/products/a', { headers: { 'If-None-Match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('answers product_not_found for an unknown product', async () => {
    const { request } = await open();
    const { status, body } = await request('GET', '/products/gone');
    expect([status, body]).toMatchObject([404, { code: 'product_not_found' }]);
  });

  it('filters by category at any level, price, stock and currency', async () => {
    const { products, skus } = await open();
    const at = (sku: string, category_id: string, price_minor: number, more = {}) =>
      productNumber(0, { id: sku, sku, name: sku, category_id, price_minor, ...more });
    await products.upsert([
      at('A', 'snacks.nuts.almonds', 100),
      at('B', 'snacks.nuts', 200),
      at('C', 'snacks.salty.crisps', 300, { in_stock: 0 }),
      at('D', 'drinks.hot.coffee', 400),
      at('E', 'drinks.hot.coffee', 150, { currency: 'EUR' }),
      at('Y', 'drinks.hot.coffee', 7, { currency: 'JPY' }),
    ]);
    const sorted = 'sort=price_asc';
    expect(await skus(sorted)).toEqual(['A', 'B', 'C', 'D']);
    expect(await skus('sort=price_desc')).toEqual(['D', 'C', 'B', 'A']);
    expect(await skus(`${sorted}&category=snacks`)).toEqual(['A', 'B', 'C']);
    expect(await skus(`${sorted}&category=snacks.nuts`)).toEqual(['A', 'B']);
    expect(await skus(`${sorted}&category=snacks.nuts.almonds`)).toEqual(['A']);
    expect(await skus('category=snack')).toEqual([]);
    expect(await skus(`${sorted}&min_price=2&max_price=3.00`)).toEqual(['B', 'C']);
    expect(await skus(`${sorted}&min_price=2.000001&max_price=3.999999`)).toEqual(['C']);
    expect(await skus('min_price=3&max_price=2')).toEqual([]);
    expect(await skus('in_stock=false')).toEqual(['C']);
    expect(await skus('currency=EUR')).toEqual(['E']);
    expect(await skus('currency=JPY&max_price=7.9&min_price=6.1')).toEqual(['Y']);
  });

  it.each([
    'sort=oldest',
    'currency=ABC',
    'currency=usd',
    'min_price=-1',
    'min_price=1e3',
    'in_stock=1',
    'color=red',
  ])('refuses ?%s', async (query) => {
    const { request } = await open();
    const { status, body } = await request('GET', `/products?${query}`);
    expect([status, body]).toMatchObject([400, { code: 'invalid_request' }]);
  });

  it('serves as a price list: prices any sku at its current price, and lists the given skus', async () => {
    const { products } = await open();
    const prices = createCatalogPriceList(products, ['NUTS', 'GONE', 'INK']);
    const offer = (sku: string, amount: string) =>
      productOf(
        { sku, name: sku, unitPrice: parseMoney({ amount, currency: 'EUR' }) },
        { id: `id of ${sku} at ${amount}`, category: 'snacks', createdAt: new Date(0) },
      );
    await products.upsert([offer('NUTS', '5.79'), offer('INK', '6.45'), offer('MORE', '1.00')]);
    const nuts = { sku: 'NUTS', name: 'NUTS', unitPrice: parseMoney({ amount: '5.79', currency: 'EUR' }) };
    expect(await prices.priceOf('NUTS')).toEqual(nuts);
    expect(await prices.priceOf('GONE')).toBeUndefined();
    expect((await prices.list()).map(({ sku }) => sku)).toEqual(['NUTS', 'INK']);
    await products.upsert([offer('NUTS', '6.00')]);
    expect(await prices.priceOf('NUTS')).toEqual({
      ...nuts,
      unitPrice: parseMoney({ amount: '6.00', currency: 'EUR' }),
    });
    const [row] = await products.findBySkus(['NUTS']);
    expect(row?.id).toBe('id of NUTS at 5.79');
    const both = await prices.pricesOf(['INK', 'GONE', "it's", 'NUTS']);
    expect([...both.keys()].toSorted()).toEqual(['INK', 'NUTS']);
    expect(await prices.pricesOf([])).toEqual(new Map());
  });

  it('never changes the currency of a product, and refuses the whole upsert if one product would', async () => {
    const { products } = await open();
    const [nuts, ink] = [productNumber(1), productNumber(2)];
    await products.upsert([nuts, ink]);
    const inEuro = { ...ink, currency: 'EUR', price_minor: 1 };
    await expect(products.upsert([{ ...nuts, price_minor: 1 }, inEuro])).rejects.toThrow(RangeError);
    expect(await products.find(nuts.id)).toEqual(nuts);
    expect(await products.find(ink.id)).toEqual(ink);
  });

  it('adds missing products and does not change existing ones', async () => {
    const { products } = await open();
    const [nuts, ink] = [productNumber(1), productNumber(2)];
    await products.upsert([nuts]);
    await products.addMissing([{ ...nuts, id: 'other', price_minor: 1 }, ink]);
    expect([await products.find(nuts.id), await products.find(ink.id)]).toEqual([nuts, ink]);
    expect(await products.find('other')).toBeUndefined();
  });

  it('adds a product that other connections add and remove at the same time', async () => {
    const { db, url } = await open();
    const product = productNumber(1);
    const others = Array.from({ length: 6 }, () => openDatabase<CatalogTables>(url));
    const addAndRemove = async (other: Kysely<CatalogTables>): Promise<void> => {
      for (let round = 0; round < 100; round += 1) {
        await createProductStore(other).upsert([product]);
        await other.deleteFrom('products').where('id', '=', product.id).execute();
      }
    };
    await Promise.all(others.map(addAndRemove));
    const left = await db.selectFrom('category_listings').selectAll().execute();
    expect(left.filter(({ id }) => id === product.id)).toEqual([]);
    for (const other of others) await other.destroy();
  }, 60_000);
});
