/**
 * Problem: a shop filters by any combination of attributes, in any sort, and no index can exist for each combination.
 * The idea: one query that grows with what is asked. Every filter adds one condition on `attribute_listings`, and every
 * value is bound. A page first walks the index of its sort, which is best if many products match, for a bounded number
 * of products. If that was not enough, few match: it then takes all products of the rarest filter and sorts them.
 * Guarantees: a product matches only if one variant satisfies all filters (a red S and a blue M are no red M). The order
 * is that of the catalog's sorts, so keyset cursors go on working.
 * Does NOT guarantee: a cost below that of reading the rarest filter's listings once (see the README for the figures).
 */
import { type PageQuery, type ProductRow, pageStatement, sorts } from '@lab/catalog-pagination';
import type { Executor } from '@lab/shared/database';
import { keysetAfter, keysetOrder } from '@lab/shared/pagination';
import { type ExpressionBuilder, sql } from 'kysely';
import type { VariantTables } from '../variant-tables.ts';

export interface AttributeFilter {
  readonly name: string;
  /** Any of these. */
  readonly values: readonly string[];
}

/** The catalog's filters, and attributes: all of the filters must be satisfied. */
export type SearchQuery = PageQuery & { readonly attributes: readonly AttributeFilter[] };

type Listing = VariantTables['attribute_listings'];

/** The variant of `item` also satisfies this filter. */
export const alsoHas =
  ({ name, values }: AttributeFilter) =>
  ({ exists, selectFrom }: ExpressionBuilder<VariantTables & { item: Listing }, 'item'>) =>
    exists(
      selectFrom('attribute_listings as other')
        .select('other.name')
        .whereRef('other.product_id', '=', 'item.product_id')
        .whereRef('other.variant_id', '=', 'item.variant_id')
        .where('other.name', '=', name)
        .where('other.value', 'in', values),
    );

/** The listings of the first filter whose variants satisfy the other filters. */
const itemsWith = (db: Executor<VariantTables>, [first, ...others]: readonly AttributeFilter[]) => {
  const { name = '', values = [] } = first ?? {};
  const items = db
    .selectFrom('attribute_listings as item')
    .where('item.name', '=', name)
    .where('item.value', 'in', values);
  return others.reduce((narrowed, filter) => narrowed.where(alsoHas(filter)), items);
};

/** Whether the product in `listed` has a variant that satisfies all filters. */
export const hasItem = (db: Executor<VariantTables>, attributes: readonly AttributeFilter[]) => {
  const items = itemsWith(db, attributes).select('item.name');
  return sql<boolean>`exists ${items.where('item.product_id', '=', sql.ref<string>('listed.id'))}`;
};

/** The products with such a variant that satisfy the catalog's filters, from the listings of the first filter. */
export const productsFrom = (db: Executor<VariantTables>, { attributes, ...query }: SearchQuery) => {
  const table = sql.table(query.category === undefined ? 'products' : 'category_listings');
  const { category = '', minPriceMinor = 0, maxPriceMinor = 0, inStock } = query;
  return (
    db
      .with('matched', () => itemsWith(db, attributes).select('item.product_id as matched_id').distinct())
      .selectFrom('matched')
      // SQLite looks up the right side of a cross join for each row of the left one.
      .crossJoin(sql<VariantTables['category_listings']>`${table}`.as('listed'))
      .whereRef('listed.id', '=', 'matched.matched_id')
      .where('listed.currency', '=', query.currency)
      .$if(query.category !== undefined, (q) => q.where('listed.listed_in', '=', category))
      .$if(query.minPriceMinor !== undefined, (q) => q.where('listed.price_minor', '>=', minPriceMinor))
      .$if(query.maxPriceMinor !== undefined, (q) => q.where('listed.price_minor', '<=', maxPriceMinor))
      .$if(inStock !== undefined, (q) => q.where('listed.in_stock', '=', inStock ? 1 : 0))
  );
};

/** How many listings the filter has, counted no further than `most`. */
const sizeOf = async (
  db: Executor<VariantTables>,
  filter: AttributeFilter,
  most: number,
): Promise<number> => {
  const counted = itemsWith(db, [filter]).select('item.name').limit(most).as('counted');
  const { size } = await db
    .selectFrom(counted)
    .select(({ fn }) => fn.countAll<number>().as('size'))
    .executeTakeFirstOrThrow();
  return Number(size);
};

/** Counting stops at the first of these that shows a difference. */
const COUNTED = [1_000, 10_000, 100_000];

/** The filters, the one with the fewest listings first, and the number of its listings. */
export const rarestFirst = async (db: Executor<VariantTables>, filters: readonly AttributeFilter[]) => {
  let sized: { readonly filter: AttributeFilter; readonly size: number }[] = [];
  for (const most of COUNTED) {
    sized = [];
    for (const filter of filters) sized.push({ filter, size: await sizeOf(db, filter, most) });
    sized.sort((a, b) => a.size - b.size);
    if ((sized[0]?.size ?? 0) < most) break;
  }
  return { attributes: sized.map(({ filter }) => filter), size: sized[0]?.size ?? 0 };
};

/** Whether the category has fewer products in this currency than `size`. */
export const isSmaller = async (
  db: Executor<VariantTables>,
  { category, currency }: Pick<SearchQuery, 'category' | 'currency'>,
  size: number,
): Promise<boolean> => {
  if (category === undefined) return false;
  const ofCategory = db.selectFrom('category_listings').select('id').where('listed_in', '=', category);
  const some = await ofCategory.where('currency', '=', currency).offset(size).limit(1).execute();
  return some.length === 0;
};

/** The next products of the sort, each with whether it matches. */
const walk = async (db: Executor<VariantTables>, query: SearchQuery) => {
  const walked = db.selectFrom(pageStatement(db, query).as('listed')).selectAll('listed');
  const rows = await walked
    .select(hasItem(db, query.attributes).as('is_match'))
    .orderBy(keysetOrder(sorts[query.sort]))
    .execute();
  const last = rows.at(-1);
  return {
    found: rows.filter(({ is_match }) => Boolean(is_match)).map(({ is_match: _, ...row }): ProductRow => row),
    isEnd: rows.length < query.count,
    position: last && sorts[query.sort].map(({ column }) => last[column]),
  };
};

/** All products of the rarest filter or of the category, whichever are fewer, sorted. */
const gather = async (db: Executor<VariantTables>, query: SearchQuery): Promise<ProductRow[]> => {
  const { attributes, size } = await rarestFirst(db, query.attributes);
  if (await isSmaller(db, query, size)) {
    return pageStatement(db, query).where(hasItem(db, attributes)).execute();
  }
  const keyset = sorts[query.sort];
  const { after } = query;
  const products = productsFrom(db, { ...query, attributes }).select([
    'listed.id',
    'listed.sku',
    'listed.name',
    'listed.category_id',
    'listed.currency',
    'listed.price_minor',
    'listed.in_stock',
    'listed.created_at',
  ]);
  return products
    .$if(after !== undefined, (q) => q.where(keysetAfter(keyset, after ?? [])))
    .orderBy(keysetOrder(keyset))
    .limit(query.count)
    .execute();
};

/** How many products a page walks, first and then on, before it gathers. */
const WALKS = [200, 1_000, 4_000];

/** A page of the products that satisfy all filters, of which there is at least one on attributes. */
export const searchPage = async (
  db: Executor<VariantTables>,
  query: SearchQuery,
  walks: readonly number[] = WALKS,
): Promise<readonly ProductRow[]> => {
  const rows: ProductRow[] = [];
  let { after } = query;
  for (const count of walks) {
    const { found, isEnd, position } = await walk(db, { ...query, after, count });
    rows.push(...found);
    if (isEnd || rows.length >= query.count) return rows.slice(0, query.count);
    after = position;
  }
  return gather(db, query);
};
