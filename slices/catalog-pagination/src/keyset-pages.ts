/**
 * Problem: a shop's list must go on where it stopped while products come, go and change their price, and the
 * millionth product must cost no more than the first.
 * Guarantees: a page is one bounded range of an index (sorts: a keyset that ends in the unique id). A category with
 * others below it is the merge of one such range for each: it reads a row or two per category more than it shows, never
 * all of their products to sort them.
 * Does NOT guarantee: that a product whose own sort key changes during a walk comes once; nor bounded work for filters
 * that are not the sort's (stock, price under another sort): they skip rows along the index.
 */
import type { Executor } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import type { CatalogTables, ProductRow } from './product-store.ts';

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
  /** Products of any of these; absent: of all. */
  readonly categories?: readonly string[] | undefined;
  /** In minor units, both included. */
  readonly minPriceMinor?: number | undefined;
  readonly maxPriceMinor?: number | undefined;
  readonly inStock?: boolean | undefined;
  readonly after?: Position | undefined;
  /** Most rows of the answer. */
  readonly count: number;
}

/** The rows of one index range, not yet ordered nor cut. */
const range = (db: Executor<CatalogTables>, query: PageQuery, category: string | undefined) => {
  const { sort, currency, minPriceMinor, maxPriceMinor, inStock, after } = query;
  // A position lies within the bounds, and the planner must not begin the range at the bound instead of the position.
  const isPastMin = after !== undefined && sort === 'price_asc';
  const isPastMax = after !== undefined && sort === 'price_desc';
  return db
    .selectFrom('products')
    .selectAll()
    .where('currency', '=', currency)
    .$if(category !== undefined, (q) => q.where('category_id', '=', category ?? ''))
    .$if(after !== undefined, (q) => q.where(keysetAfter(sorts[sort], after ?? [])))
    .$if(minPriceMinor !== undefined && !isPastMin, (q) => q.where('price_minor', '>=', minPriceMinor ?? 0))
    .$if(maxPriceMinor !== undefined && !isPastMax, (q) => q.where('price_minor', '<=', maxPriceMinor ?? 0))
    .$if(inStock !== undefined, (q) => q.where('in_stock', '=', inStock ? 1 : 0));
};

/** The statement of a page: one range, or of each range as many rows as the page may need, merged. */
export const pageStatement = (db: Executor<CatalogTables>, query: PageQuery) => {
  const order = keysetOrder(sorts[query.sort]);
  const bounded = (category: string | undefined) =>
    range(db, query, category).orderBy(order).limit(query.count);
  const [first, ...others] = query.categories ?? [undefined];
  if (others.length === 0) return bounded(first);
  const part = (category: string | undefined) => db.selectFrom(bounded(category).as('part')).selectAll();
  const merged = others.reduce((union, category) => union.unionAll(part(category)), part(first));
  return merged.orderBy(order).limit(query.count);
};

export const productPage = async (
  db: Executor<CatalogTables>,
  query: PageQuery,
): Promise<readonly ProductRow[]> =>
  query.categories?.length === 0 ? [] : pageStatement(db, query).execute();

/** One index per sort, with and without the category: equality first, then the keyset. Prices go both ways. */
const INDEXES = Object.entries({
  newest: ['created_at', 'id'],
  price: ['price_minor', 'id'],
  name: ['name', 'id'],
}).flatMap(([sort, keyset]) => [
  { name: `products_${sort}`, columns: ['currency', ...keyset] },
  { name: `products_category_${sort}`, columns: ['category_id', 'currency', ...keyset] },
]);

/** Builds the indexes of the sorts where they are missing. */
export const createSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name, columns } of INDEXES) {
    await db.schema.createIndex(name).ifNotExists().on('products').columns(columns).execute();
  }
};

/** For a bulk load: building an index over all rows costs a fraction of adding them to it in random places. */
export const dropSortIndexes = async (db: Executor<CatalogTables>): Promise<void> => {
  for (const { name } of INDEXES) await db.schema.dropIndex(name).ifExists().execute();
};
