/**
 * Problem: a shop's list must go on where it stopped while products come, go and change their price, and the
 * millionth product must cost no more than the first.
 * The idea: a page is not "rows 40 to 59" but "the 20 rows after this one", in an order without ties. With an index in
 * that order (page-statements.ts) the engine goes straight to that place, however deep it is.
 * Guarantees: a page is one bounded range of one index, whether of all products, of a leaf, or of a category above
 * others (category-listings.ts).
 * Does NOT guarantee: that a product whose own sort key changes during a walk comes once; nor bounded work for filters
 * that are not the sort's (stock, price under another sort): they skip entries of the index.
 */
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import type { Expression, SelectQueryBuilder } from 'kysely';

/**
 * The sorts. A price or a time alone leaves ties, and a page that ends between two equal rows would repeat or lose one
 * of them; the unique id behind it decides. No column of them is ever null.
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

/** The pattern: of these rows, at most `count` after the position, in the order of the sort. */
export const pageAfter = <Tables, From extends keyof Tables, Row>(
  rows: SelectQueryBuilder<Tables, From, Row>,
  {
    sort,
    after,
    count,
  }: {
    readonly sort: Sort;
    /** The last row shown, as its values of the sort's columns; absent: the first page. */
    readonly after: Parameters<typeof keysetAfter>[1] | undefined;
    readonly count: Expression<number>;
  },
): SelectQueryBuilder<Tables, From, Row> => {
  // For price_asc: where (price_minor, id) > (1995, '016ff366-...') order by price_minor, id limit 21
  const keyset = sorts[sort];
  const later = after === undefined ? rows : rows.where(keysetAfter(keyset, after));
  return later.orderBy(keysetOrder(keyset)).limit(count);
};
