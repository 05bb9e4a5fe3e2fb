import { createProductStore, sampleCategories } from '@lab/catalog-pagination';
import { type DatabaseOptions, migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine } from '@lab/testing';
import type { Kysely } from 'kysely';
import {
  createStockTable,
  createVariantRouters,
  type VariantDeps,
  type VariantTables,
} from '../src/index.ts';
import { shopMigrations } from '../src/samples/sample-variants.ts';

export const operator = { 'X-Admin-Token': 'dev-admin-token' };

const callers = createCallers({
  authTokens: new Map([['demo-alice', 1]]),
  adminToken: 'dev-admin-token',
  trustUserHeader: true,
});

/** The dependencies of the routes on a database, with a clock that stands still. */
const depsOn = (db: Kysely<VariantTables>, given: Partial<VariantDeps> = {}): VariantDeps => {
  const { now } = createFakeClock('2026-11-20T12:00:00.000Z');
  return {
    db,
    stock: createStockTable(),
    callers,
    cursors: createCursors({ secret: 'a secret of this test', list: 'products' }),
    now,
    newId: createSeededIds(1, now),
    ...given,
  };
};

export const appOf = (deps: VariantDeps) => createTestApp(createVariantRouters(deps));

/** An app on a database with the sample's categories and no products. */
export const openVariantsApp = async (
  engine: DatabaseEngine,
  { options, ...given }: Partial<VariantDeps> & { readonly options?: DatabaseOptions } = {},
) => {
  const { db, url } = await engine.open<VariantTables>(options);
  await migrate(db, shopMigrations);
  await createProductStore(db).addCategories(sampleCategories);
  const deps = depsOn(db, given);
  return { ...deps, db, url, app: appOf(deps) };
};

/** A product with variants, as a request has it. */
export const tee = (sku: string, more: object = {}) => ({
  sku,
  name: `Tee ${sku}`,
  description: 'Soft and plain.',
  category: 'snacks.nuts',
  price: { amount: '20.00', currency: 'USD' },
  attributes: { material: 'cotton' },
  variants: [
    { sku: `${sku}-RED-S`, attributes: { color: 'red', size: 'S' }, stock: 2 },
    {
      sku: `${sku}-BLUE-M`,
      attributes: { color: 'blue', size: 'M' },
      stock: 0,
      price: { amount: '18.50', currency: 'USD' },
    },
  ],
  ...more,
});
