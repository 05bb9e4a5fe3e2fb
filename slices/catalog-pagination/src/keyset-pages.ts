/**
 * Problem: a list of products must continue where it stopped although products are added, removed and repriced, and the
 * millionth product must cost no more than the first.
 * The idea: a page is not "rows 40 to 59" but "the 20 rows after this one", in an order without ties. With an index in
 * that order (page-statements.ts) the engine goes straight to that position, however deep it is.
 * Guarantees: a page reads one bounded range of one index, whether it shows all products, a leaf category, or a
 * category with subcategories (category-listings.ts).
 * Does NOT guarantee: that a product appears exactly once if its own sort key changes during a walk; nor bounded work
 * for filters on other columns than the sort's (stock, or price in another sort), which skip entries of the index.
 */
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import type { Expression, SelectQueryBuilder } from 'kysely';

/**
 * The sorts. Prices and times have ties, and a page that ends between two equal rows would repeat or lose one of them,
 * so the unique id breaks ties. None of these columns is nullable.
 */
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
  /** A category at any level, including its subcategories; absent for all products. */
  readonly category?: string | undefined;
  /** In minor units, both bounds inclusive. */
  readonly minPriceMinor?: number | undefined;
  readonly maxPriceMinor?: number | undefined;
  readonly inStock?: boolean | undefined;
  readonly after?: Position | undefined;
  /** Maximum number of rows to return. */
  readonly count: number;
}

/** The pattern: at most `count` of these rows after the position, in the order of the sort. */
export const pageAfter = <Tables, From extends keyof Tables, Row>(
  rows: SelectQueryBuilder<Tables, From, Row>,
  {
    sort,
    after,
    count,
  }: {
    readonly sort: Sort;
    /** The values of the sort's columns in the last row shown; absent for the first page. */
    readonly after: Parameters<typeof keysetAfter>[1] | undefined;
    readonly count: Expression<number>;
  },
): SelectQueryBuilder<Tables, From, Row> => {
  // For price_asc: where (price_minor, id) > (1995, '016ff366-...') order by price_minor, id limit 21
  const keyset = sorts[sort];
  const later = after === undefined ? rows : rows.where(keysetAfter(keyset, after));
  return later.orderBy(keysetOrder(keyset)).limit(count);
};
