import {
  columnTypes,
  createTable,
  type Executor,
  isOneOf,
  type Param,
  prepareQuery,
  type SliceMigrations,
  transact,
} from '@lab/shared/database';
import { formatMoney, fromMinorUnits, type MoneyJson, parseMoney, toMinorUnits } from '@lab/shared/money';
import { type Kysely, sql } from 'kysely';
import { createSortIndexes, type PageQuery, productPage } from './keyset-pages.ts';

export type CatalogTables = {
  categories: { id: string; parent_id: string | null; name: string };
  products: {
    id: string;
    sku: string;
    name: string;
    /** Of any level of the tree; the sample has products in its leaves only. */
    category_id: string;
    currency: string;
    price_minor: number;
    in_stock: number;
    created_at: number;
  };
};

export type ProductRow = CatalogTables['products'];
export type CategoryRow = CatalogTables['categories'];

const byId = prepareQuery((db: Executor<CatalogTables>, param: Param<{ id: string }>) =>
  db.selectFrom('products').selectAll().where('id', '=', param('id')),
);

const bySkus = prepareQuery((db: Executor<CatalogTables>, param: Param<{ skus: string }>) =>
  db
    .selectFrom('products')
    .selectAll()
    .where(isOneOf(db, 'sku', param('skus'))),
);

/** A category and all below it; nothing where it does not exist. */
const categoriesBelow = prepareQuery((db: Executor<CatalogTables>, param: Param<{ id: string }>) =>
  db
    .withRecursive('below', (query) =>
      query
        .selectFrom('categories')
        .select('id')
        .where('id', '=', param('id'))
        .unionAll(
          query
            .selectFrom('categories')
            .innerJoin('below', 'below.id', 'categories.parent_id')
            .select('categories.id'),
        ),
    )
    .selectFrom('below')
    .select('id')
    .orderBy('id'),
);

/** Products and the tree of their categories. */
export const createProductStore = (db: Executor<CatalogTables>) => ({
  find: async (id: string): Promise<ProductRow | undefined> => (await byId(db, { id })).at(0),

  /** Those of the skus that there are, in no order. */
  findBySkus: (skus: readonly string[]) => bySkus(db, { skus: JSON.stringify(skus) }),

  /** Rows of the shop's currency in the order of the sort. A category includes all below it; an unknown one is empty. */
  page: async ({ category, ...query }: Omit<PageQuery, 'categories'> & { category?: string | undefined }) => {
    if (category === undefined) return productPage(db, query);
    const categories = await categoriesBelow(db, { id: category });
    return productPage(db, { ...query, categories: categories.map(({ id }) => id) });
  },

  /** Adds categories that are not there, parents before children. */
  addCategories: async (categories: readonly CategoryRow[]): Promise<void> => {
    const insert = db.insertInto('categories').values([...categories]);
    await insert.onConflict((conflict) => conflict.column('id').doNothing()).execute();
  },

  /** Adds products that are not there; one whose sku or id is there stays as it is. */
  addMissing: async (products: readonly ProductRow[]): Promise<void> => {
    const insert = db.insertInto('products').values([...products]);
    await insert.onConflict((conflict) => conflict.doNothing()).execute();
  },

  /**
   * Makes the catalogue offer these products at these prices. One whose sku is there keeps its id, its time (and with
   * it its place in the sort by time) and its currency: throws a RangeError, and changes nothing, for another one.
   */
  upsert: (products: readonly ProductRow[]): Promise<void> =>
    transact(db, async (trx) => {
      if (products.length === 0) return;
      const insert = trx.insertInto('products').values([...products]);
      const offered = await insert
        .onConflict((conflict) =>
          conflict
            .column('sku')
            .doUpdateSet(({ ref }) => ({
              name: ref('excluded.name'),
              category_id: ref('excluded.category_id'),
              price_minor: ref('excluded.price_minor'),
              in_stock: ref('excluded.in_stock'),
            }))
            .whereRef('products.currency', '=', 'excluded.currency'),
        )
        .returning('id')
        .execute();
      if (offered.length < products.length) throw new RangeError('a product is sold in another currency');
    }),

  /** Changes name or price of a product; the product as it is then, undefined where there is none. */
  change: async (
    id: string,
    change: { readonly name?: string; readonly price_minor?: number },
  ): Promise<ProductRow | undefined> => {
    const rows = await db
      .updateTable('products')
      .set({ id, ...change })
      .where('id', '=', id)
      .returningAll()
      .execute();
    return rows.at(0);
  },
});

export type ProductStore = ReturnType<typeof createProductStore>;

const createProducts = async (db: Kysely<CatalogTables>): Promise<void> => {
  const { integer, text, instant, flag } = columnTypes(db);
  await createTable(db, 'categories')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('parent_id', text, (column) => column.references('categories.id'))
    .addColumn('name', text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('categories_parent').on('categories').column('parent_id').execute();
  await createTable(db, 'products')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('sku', text, (column) => column.notNull().unique())
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('category_id', text, (column) => column.notNull().references('categories.id'))
    .addColumn('currency', text, (column) => column.notNull())
    .addColumn('price_minor', integer, (column) => column.notNull())
    .addColumn('in_stock', flag, (column) => column.notNull())
    .addColumn('created_at', instant, (column) => column.notNull())
    .addCheckConstraint('products_price', sql`price_minor >= 0`)
    .addCheckConstraint('products_in_stock', sql`in_stock in (0, 1)`)
    .execute();
  await createSortIndexes(db);
};

export const catalogMigrations: SliceMigrations = {
  catalog_pagination_0001_products: { up: createProducts },
};

/** A price as a price list names it. */
export interface ListedPrice {
  readonly sku: string;
  readonly name: string;
  readonly unit_price: MoneyJson;
}

/** The product that a listed price speaks of, in stock. Throws a RangeError for a price finer than the minor unit. */
export const productOf = (
  { sku, name, unit_price }: ListedPrice,
  { id, category, createdAt }: { readonly id: string; readonly category: string; readonly createdAt: Date },
): ProductRow => ({
  id,
  sku,
  name,
  category_id: category,
  currency: unit_price.currency,
  price_minor: toMinorUnits(parseMoney(unit_price)),
  in_stock: 1,
  created_at: createdAt.getTime(),
});

/** The catalogue as a price list: prices any sku, and lists those of `listed` that it has. */
export const createCatalogPriceList = (
  products: Pick<ProductStore, 'findBySkus'>,
  listed: readonly string[],
) => {
  const pricesOf = async (skus: readonly string[]): Promise<ReadonlyMap<string, ListedPrice>> => {
    const rows = await products.findBySkus(skus);
    const priceOf = (row: ProductRow) => formatMoney(fromMinorUnits(row.price_minor, row.currency));
    return new Map(rows.map((row) => [row.sku, { sku: row.sku, name: row.name, unit_price: priceOf(row) }]));
  };
  return {
    pricesOf,
    priceOf: async (sku: string): Promise<ListedPrice | undefined> => (await pricesOf([sku])).get(sku),
    list: async (): Promise<readonly ListedPrice[]> => {
      const prices = await pricesOf(listed);
      return listed.flatMap((sku) => prices.get(sku) ?? []);
    },
  };
};
