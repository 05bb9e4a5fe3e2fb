/** Search as anyone would write it for an array: the truth that pages and facets must equal. */
import { type ProductRow, type Sort, sorts } from '@lab/catalog-pagination';
import type { SearchQuery } from '../src/search/attribute-query.ts';

export interface KnownProduct {
  readonly row: ProductRow;
  /** The attributes of each thing that can be bought: of each variant, or of the product if it has none. */
  readonly items: readonly Readonly<Record<string, string>>[];
  /** Its category and all above it. */
  readonly categories: readonly string[];
}

export type Wanted = Omit<SearchQuery, 'after' | 'count'>;

/** `same variant` is the rule of the slice; the others are mistakes that must not pass for it. */
export interface Rules {
  readonly match: 'same variant' | 'any variants';
  readonly facets: 'all filters but its own' | 'all filters';
}

export const rightRules: Rules = { match: 'same variant', facets: 'all filters but its own' };

type Item = KnownProduct['items'][number];
type Filters = Wanted['attributes'];

const has = (item: Item, { name, values }: Filters[number]): boolean => values.includes(item[name] ?? '');

const hasItem = ({ items }: KnownProduct, filters: Filters, { match }: Rules): boolean =>
  match === 'same variant'
    ? items.some((item) => filters.every((filter) => has(item, filter)))
    : filters.every((filter) => items.some((item) => has(item, filter)));

const isListed = ({ row, categories }: KnownProduct, wanted: Wanted): boolean =>
  row.currency === wanted.currency &&
  (wanted.category === undefined || categories.includes(wanted.category)) &&
  row.price_minor >= (wanted.minPriceMinor ?? 0) &&
  row.price_minor <= (wanted.maxPriceMinor ?? Number.MAX_SAFE_INTEGER) &&
  (wanted.inStock === undefined || (row.in_stock === 1) === wanted.inStock);

const compare =
  (sort: Sort) =>
  (a: ProductRow, b: ProductRow): number => {
    for (const { column, direction } of sorts[sort]) {
      const [left, right] = direction === 'asc' ? [a[column], b[column]] : [b[column], a[column]];
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  };

/** The ids of all products that match, in the order of the sort. */
export const idsOf = (products: readonly KnownProduct[], wanted: Wanted, rules = rightRules): string[] =>
  products
    .filter((product) => isListed(product, wanted) && hasItem(product, wanted.attributes, rules))
    .map(({ row }) => row)
    .toSorted(compare(wanted.sort))
    .map(({ id }) => id);

/** The facet of an attribute: its values, the most frequent first. */
export const facetOf = (
  products: readonly KnownProduct[],
  name: string,
  wanted: Wanted,
  rules = rightRules,
): { value: string; count: number }[] => {
  const isOther = (filter: Filters[number]) => rules.facets === 'all filters' || filter.name !== name;
  const others = wanted.attributes.filter(isOther);
  const counts = new Map<string, number>();
  for (const { items } of products.filter((product) => isListed(product, wanted))) {
    const matching = items.filter((item) => others.every((filter) => has(item, filter)));
    const values = new Set(matching.flatMap((item) => item[name] ?? []));
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
};
