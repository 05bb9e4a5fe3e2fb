/**
 * The statements that read pages, and the indexes they use. Each combination of filters has its own statement, which is
 * built and compiled once; later calls only bind values. Hints for the planners of the two engines are here too.
 */
import { type Executor, engineOf, type Param, type PreparedQuery, prepareQuery } from '@lab/shared/database';
import { sql } from 'kysely';
import { productColumns } from './category-listings.ts';
import { type PageQuery, pageAfter, sorts } from './keyset-pages.ts';
import type { CatalogTables, ProductRow } from './product-tables.ts';

/** The values that a statement binds. Values that its shape does not use are ignored. */
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

/** The parts of a query that change its SQL. Everything else is a value. */
const shapeOf = (query: PageQuery) => ({
  sort: query.sort,
  hasCategory: query.category !== undefined,
  hasPosition: query.after !== undefined,
  // The position is already within the bounds. Without the bound, the planner can only start at the position.
  hasMin: query.minPriceMinor !== undefined && (query.after === undefined || query.sort !== 'price_asc'),
  hasMax: query.maxPriceMinor !== undefined && (query.after === undefined || query.sort !== 'price_desc'),
  hasStock: query.inStock !== undefined,
});

type Shape = ReturnType<typeof shapeOf>;

const statement = (db: Executor<CatalogTables>, shape: Shape, param: Param<Values>) => {
  const table = sql.table(shape.hasCategory ? 'category_listings' : 'products');
  // Given a price range, SQLite would read that range from the price index and sort it. The plus sign hides the column
  // from the planner, so that SQLite reads the sort's index and skips entries that are out of range.
  const isFilter = engineOf(db) === 'sqlite' && sorts[shape.sort][0].column !== 'price_minor';
  const price = isFilter ? sql<number>`+price_minor` : sql.ref<number>('price_minor');
  const after = shape.hasPosition ? [param('key'), param('id')] : undefined;
  const listed = db
    .selectFrom(sql<CatalogTables['category_listings']>`${table}`.as('listed'))
    .select(productColumns)
    .where('currency', '=', param('currency'))
    .$if(shape.hasCategory, (q) => q.where('listed_in', '=', param('category')))
    .$if(shape.hasMin, (q) => q.where(price, '>=', param('minPriceMinor')))
    .$if(shape.hasMax, (q) => q.where(price, '<=', param('maxPriceMinor')))
    .$if(shape.hasStock, (q) => q.where('in_stock', '=', param('inStock')));
  return pageAfter(listed, { sort: shape.sort, after, count: param('count') });
};

/** The statement for a page with its values, for tests and tools that ask the engine for its query plan. */
export const pageStatement = (db: Executor<CatalogTables>, query: PageQuery) => {
  const values = valuesOf(query);
  return statement(db, shapeOf(query), (name) => sql`${values[name]}`);
};

const prepared = new Map<string, PreparedQuery<CatalogTables, Values, ProductRow>>();

/** Reads a page of products in one currency, in the order of the sort. An unknown category has no rows. */
export const productPage = (db: Executor<CatalogTables>, query: PageQuery): Promise<ProductRow[]> => {
  const shape = shapeOf(query);
  const name = Object.values(shape).join();
  const page = prepared.get(name) ?? prepareQuery((executor, param) => statement(executor, shape, param));
  prepared.set(name, page);
  return page(db, valuesOf(query));
};

/**
 * For each sort, one index for all products and one for the products by category. Columns compared for equality come
 * first, then the keyset, then the columns that filters use, so that skipping an entry does not read its row. The price
 * index is read in both directions.
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

/** Creates the indexes of the sorts that are missing. */
export const createSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name, table, columns } of INDEXES) {
    await db.schema.createIndex(name).ifNotExists().on(table).columns(columns).execute();
  }
};

/** For a bulk load: building an index over all rows is much cheaper than adding each row to it at a random position. */
export const dropSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name } of INDEXES) await db.schema.dropIndex(name).ifExists().execute();
};
