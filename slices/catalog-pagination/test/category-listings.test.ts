import { migrate, openDatabase } from '@lab/shared/database';
import { createSeededRandom, eachDatabase } from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import {
  type CatalogTables,
  catalogMigrations,
  createProductStore,
  type ProductRow,
  sampleCategories,
} from '../src/index.ts';
import { fillShop } from './churning-shop.ts';
import { openShop, productNumber } from './sample-shop.ts';

const CHANGES = 400;
const AT_ONCE = 8;

const lineOf = (category: string): string[] => {
  const parent = sampleCategories.find(({ id }) => id === category)?.parent_id ?? null;
  return parent === null ? [category] : [category, ...lineOf(parent)];
};

/** Listings that are missing, and listings that should not exist. */
const faultsOf = async (db: Kysely<CatalogTables>): Promise<string[]> => {
  const asText = (listed_in: string, row: ProductRow): string =>
    JSON.stringify(Object.entries({ ...row, listed_in }).toSorted());
  const products = await db.selectFrom('products').selectAll().execute();
  const listings = await db.selectFrom('category_listings').selectAll().execute();
  const wanted = products.flatMap((row) => lineOf(row.category_id).map((line) => asText(line, row)));
  const there = listings.map(({ listed_in, ...row }) => asText(listed_in, row));
  const without = (texts: readonly string[], others: ReadonlySet<string>): string[] =>
    texts.filter((text) => !others.has(text));
  return [...without(wanted, new Set(there)), ...without(there, new Set(wanted))];
};

eachDatabase((engine) => {
  it('lists each current product under its category and all ancestors despite concurrent changes', async () => {
    const random = createSeededRandom(20_261_123);
    const { db, url } = await openShop(engine);
    const shop = await fillShop(db, url, random);
    const keepChanging = async (): Promise<void> => {
      while (shop.changes() < CHANGES) await shop.change();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, keepChanging));
    await shop.close();
    expect(await faultsOf(db)).toEqual([]);
    expect(shop.changes()).toBeGreaterThanOrEqual(CHANGES);
  });

  it('keeps the listings of one product consistent under concurrent changes to it', async () => {
    const { db, url, products } = await openShop(engine);
    const other = openDatabase<CatalogTables>(url, { statementTimeoutMs: 60_000 });
    const stores = [products, createProductStore(other)];
    const nuts = productNumber(1);
    await products.upsert([nuts]);
    const changes = Array.from({ length: CHANGES }, (_, number) => {
      const store = stores[number % stores.length] ?? products;
      const price_minor = number;
      return number % 5 === 0
        ? store.upsert([{ ...nuts, price_minor, category_id: 'drinks.hot' }])
        : store.change(nuts.id, { price_minor });
    });
    await Promise.all(changes);
    await other.destroy();
    expect(await faultsOf(db)).toEqual([]);
  });

  it('moves the listings when a product moves to another category', async () => {
    const { db, products } = await openShop(engine);
    const idsIn = async (category: string): Promise<string[]> => {
      const page = await products.page({ sort: 'newest', currency: 'USD', category, count: 9 });
      return page.map(({ id }) => id);
    };
    const nuts = productNumber(1, { category_id: 'snacks.nuts' });
    await products.addMissing([nuts]);
    expect([await idsIn('snacks'), await idsIn('snacks.nuts'), await idsIn('drinks')]).toEqual([
      [nuts.id],
      [nuts.id],
      [],
    ]);
    await products.upsert([{ ...nuts, category_id: 'drinks.hot.cocoa' }]);
    expect(await idsIn('snacks')).toEqual([]);
    expect(await idsIn('drinks')).toEqual([nuts.id]);
    expect(await faultsOf(db)).toEqual([]);
  });

  it('adds listings for the products of a database that had no listings', async () => {
    const { db } = await engine.open<CatalogTables>();
    const [[name, migration] = []] = Object.entries(catalogMigrations);
    if (name === undefined || migration === undefined) throw new Error('there are no migrations');
    await migrate(db, [{ [name]: migration }]);
    await createProductStore(db).addCategories(sampleCategories);
    await db
      .insertInto('products')
      .values([productNumber(1), productNumber(2)])
      .execute();
    await migrate(db, [catalogMigrations]);
    expect(await faultsOf(db)).toEqual([]);
    expect(await db.selectFrom('category_listings').select('id').execute()).toHaveLength(6);
  });

  it('(detector) finds a price that was changed without the store', async () => {
    const { db, products } = await openShop(engine);
    await products.upsert([productNumber(1), productNumber(2)]);
    expect(await faultsOf(db)).toEqual([]);
    await db.updateTable('products').set({ price_minor: 1 }).where('sku', '=', 'SKU-1').execute();
    expect(await faultsOf(db)).toHaveLength(6);
  });
});
