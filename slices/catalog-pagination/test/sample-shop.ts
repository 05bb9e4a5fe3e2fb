import { migrate } from '@lab/shared/database';
import type { App } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createTestApp, type DatabaseEngine } from '@lab/testing';
import type { Kysely } from 'kysely';
import {
  type CatalogTables,
  catalogMigrations,
  createCatalogRouters,
  createProductStore,
  type ProductRow,
} from '../src/index.ts';
import { sampleCategories } from '../src/sample-catalog.ts';

export const appOf = (db: Kysely<CatalogTables>): App => {
  const cursors = createCursors({ secret: 'a secret of this test', list: 'products' });
  return createTestApp(createCatalogRouters({ products: createProductStore(db), cursors }));
};

/** An empty shop with its categories. */
export const openShop = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<CatalogTables>({ statementTimeoutMs: 60_000 });
  await migrate(db, [catalogMigrations]);
  const products = createProductStore(db);
  await products.addCategories(sampleCategories);
  return { db, url, products, app: appOf(db) };
};

export const shelves = sampleCategories.filter(
  ({ id }) => id.startsWith('snacks.') && id.split('.').length === 3,
);

/** A product with one of a few prices, times and names, so that many products share each. Ids are in no such order. */
export const productNumber = (number: number, change: Partial<ProductRow> = {}): ProductRow => ({
  id: `id-${String((number * 7919) % 100_003).padStart(6, '0')}`,
  sku: `SKU-${number}`,
  name: ['Almonds', 'almonds', 'Äpfel', 'Zwieback'][number % 4] ?? '',
  category_id: shelves[number % shelves.length]?.id ?? '',
  currency: 'USD',
  price_minor: 100 * (number % 3),
  in_stock: 1,
  created_at: Date.UTC(2026, 0, 1) + 1000 * (number % 5),
  ...change,
});
