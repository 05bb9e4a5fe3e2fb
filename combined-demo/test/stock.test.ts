import { createProductStore } from '@lab/catalog-pagination';
import { type DatabaseEngine, eachDatabase, raceProcesses } from '@lab/testing';
import { expect, test } from 'vitest';
import { openDemoDatabase, stockShop } from '../src/index.ts';
import { openDemo } from './demo-app.ts';

const SHOP_PRODUCTS = 31;
const settings = { SEED_PRODUCTS: 50, SEED_GIFTS: true, SEED_PROMO_CODES: true };
const now = () => new Date();

const open = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  const { db } = await openDemo(url, { SEED_GIFTS: 'on' });
  const rowsOf = async (table: 'products' | 'gifts') =>
    (await db.selectFrom(table).select('id').execute()).length;
  return { db, url, count: async () => [await rowsOf('products'), await rowsOf('gifts')] };
};

eachDatabase((engine) => {
  test('starts with a catalog, the products of the shop and gifts, and adds nothing on later starts', async () => {
    const { db, count } = await open(engine);
    expect(await count()).toEqual([50 + SHOP_PRODUCTS, 300]);
    await stockShop(db, { ...settings, SEED_PRODUCTS: 80 }, { now });
    expect(await count()).toEqual([50 + SHOP_PRODUCTS, 300]);
  });

  test('does not overwrite later changes, such as prices', async () => {
    const { db } = await open(engine);
    const products = createProductStore(db);
    const find = async () => (await products.findBySkus(['ICE-CONE-12']))[0];
    const cone = await find();
    await products.change(cone?.id ?? '', { price_minor: 1 });
    await stockShop(db, settings, { now });
    expect(await find()).toEqual({ ...cone, price_minor: 1 });
  });

  test('can stock a shop without sample products and gifts', async () => {
    const { url } = await engine.open();
    const { db } = await openDemo(url, { SEED_PRODUCTS: '0', SEED_GIFTS: 'off' });
    expect(await db.selectFrom('products').select('id').execute()).toHaveLength(SHOP_PRODUCTS);
    expect(await db.selectFrom('gifts').select('id').execute()).toEqual([]);
  });

  test('has sample gifts only of products in its catalog', async () => {
    const { url } = await engine.open();
    const { db } = await openDemo(url, { SEED_PRODUCTS: '0', SEED_GIFTS: 'on' });
    const given = await db.selectFrom('gifts').select('sku').distinct().execute();
    const skus = given.map(({ sku }) => sku).toSorted();
    expect(skus.length).toBeGreaterThan(1);
    const found = await createProductStore(db).findBySkus(skus);
    expect(found.map(({ sku }) => sku).toSorted()).toEqual(skus);
  });

  test('is stocked only once by processes that start together', async () => {
    const { url } = await engine.open();
    const racers = Array.from({ length: 3 }, () => [url]);
    const counts = await raceProcesses(new URL('stock-racer.ts', import.meta.url), racers);
    expect(counts).toHaveLength(3);
    const db = await openDemoDatabase(url, {});
    const rows = [
      await db.selectFrom('products').select('id').execute(),
      await db.selectFrom('gifts').select('id').execute(),
    ].map(({ length }) => length);
    await db.destroy();
    expect(rows).toEqual([3_000 + SHOP_PRODUCTS, 300]);
  }, 60_000);
});
