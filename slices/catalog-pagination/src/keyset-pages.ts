/**
 * Problem: a shop's list must go on where it stopped while products come, go and change their price, and the
 * millionth product must cost no more than the first.
 * Guarantees: a page is one bounded range of one index (sorts: a keyset that ends in the unique id), whether of
 * all products, of a leaf, or of a category above others (category-listings.ts).
 * Does NOT guarantee: that a product whose own sort key changes during a walk comes once; nor bounded work for filters
 * that are not the sort's (stock, price under another sort): they skip entries of the index.
 */
import { type Executor, engineOf, type Param, type PreparedQuery, prepareQuery } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import { sql } from 'kysely';
import { productColumns } from './category-listings.ts';
import type { CatalogTables, ProductRow } from './product-tables.ts';

/** The sorts, each with the place of equal keys. No column of them is ever null. */
export const sorts = {
  newest: [
    { column: 'created_at', direction: 'desc' },
    { column: 'id', direction: 'desc' },
  ],
  price_asc: [
    { column: 'price_minor', direction: 'asc' },
    { column: 'id', direction: 'asc' },
  ],
  price_desc: [
    { column: 'price_minor', direction: 'desc' },
    { column: 'id', direction: 'desc' },
  ],
  name_asc: [
    { column: 'name', direction: 'asc' },
    { column: 'id', direction: 'asc' },
  ],
} as const satisfies Record<string, Keyset>;

export type Sort = keyof typeof sorts;

export interface PageQuery {
  readonly sort: Sort;
  readonly currency: string;
  /** Of any level: products of this one and of all below it; absent: of all. */
  readonly category?: string | undefined;
  /** In minor units, both included. */
  readonly minPriceMinor?: number | undefined;
  readonly maxPriceMinor?: number | undefined;
  readonly inStock?: boolean | undefined;
  readonly after?: Position | undefined;
  /** Most rows of the answer. */
  readonly count: number;
}

/** What a statement binds; what its shape leaves out is bound nowhere. */
const valuesOf = (query: PageQuery) => ({
  currency: query.currency,
  category: query.category ?? '',
  minPriceMinor: query.minPriceMinor ?? 0,
  maxPriceMinor: query.maxPriceMinor ?? 0,
  inStock: query.inStock ? 1 : 0,
  key: query.after?.[0] ?? null,
  id: query.after?.[1] ?? null,
  count: query.count,
});

type Values = ReturnType<typeof valuesOf>;

/** What of a query makes its SQL another one; everything else is a value. */
const shapeOf = (query: PageQuery) => ({
  sort: query.sort,
  hasCategory: query.category !== undefined,
  hasPosition: query.after !== undefined,
  // A position lies within the bounds, and the planner must not begin the range at the bound instead of the position.
  hasMin: query.minPriceMinor !== undefined && (query.after === undefined || query.sort !== 'price_asc'),
  hasMax: query.maxPriceMinor !== undefined && (query.after === undefined || query.sort !== 'price_desc'),
  hasStock: query.inStock !== undefined,
});

type Shape = ReturnType<typeof shapeOf>;

const statement = (db: Executor<CatalogTables>, shape: Shape, param: Param<Values>) => {
  const keyset = sorts[shape.sort];
  const table = sql.table(shape.hasCategory ? 'category_listings' : 'products');
  // SQLite would read the whole range of an index of prices and sort it; behind a plus it is a filter along the sort's.
  const isFilter = engineOf(db) === 'sqlite' && keyset[0].column !== 'price_minor';
  const price = isFilter ? sql<number>`+price_minor` : sql.ref<number>('price_minor');
  return db
    .selectFrom(sql<CatalogTables['category_listings']>`${table}`.as('listed'))
    .select(productColumns)
    .where('currency', '=', param('currency'))
    .$if(shape.hasCategory, (q) => q.where('listed_in', '=', param('category')))
    .$if(shape.hasPosition, (q) => q.where(keysetAfter(keyset, [param('key'), param('id')])))
    .$if(shape.hasMin, (q) => q.where(price, '>=', param('minPriceMinor')))
    .$if(shape.hasMax, (q) => q.where(price, '<=', param('maxPriceMinor')))
    .$if(shape.hasStock, (q) => q.where('in_stock', '=', param('inStock')))
    .orderBy(keysetOrder(keyset))
    .limit(param('count'));
};

/** The statement of a page with its values, for who wants to look at it. */
export const pageStatement = (db: Executor<CatalogTables>, query: PageQuery) => {
  const values = valuesOf(query);
  return statement(db, shapeOf(query), (name) => sql`${values[name]}`);
};

const prepared = new Map<string, PreparedQuery<CatalogTables, Values, ProductRow>>();

/** Rows of the shop's currency in the order of the sort; none of a category that does not exist. */
export const productPage = (db: Executor<CatalogTables>, query: PageQuery): Promise<ProductRow[]> => {
  const shape = shapeOf(query);
  const name = Object.values(shape).join();
  const page = prepared.get(name) ?? prepareQuery((executor, param) => statement(executor, shape, param));
  prepared.set(name, page);
  return page(db, valuesOf(query));
};

/**
 * One index per sort, of all products and of each category's: equality first, then the keyset, then what filters ask
 * for, so that rows that they skip are not read. Prices go both ways.
 */
const INDEXES = Object.entries({
  newest: ['created_at', 'id', 'in_stock', 'price_minor'],
  price: ['price_minor', 'id', 'in_stock'],
  name: ['name', 'id', 'in_stock', 'price_minor'],
}).flatMap(([sort, columns]) => [
  { name: `products_${sort}`, table: 'products', columns: ['currency', ...columns] },
  {
    name: `category_listings_${sort}`,
    table: 'category_listings',
    columns: ['listed_in', 'currency', ...columns],
  },
]);

/** Builds the indexes of the sorts where they are missing. */
export const createSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name, table, columns } of INDEXES) {
    await db.schema.createIndex(name).ifNotExists().on(table).columns(columns).execute();
  }
};

/** For a bulk load: building an index over all rows costs a fraction of adding them to it in random places. */
export const dropSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name } of INDEXES) await db.schema.dropIndex(name).ifExists().execute();
};
