import { pageStatement } from '@lab/catalog-pagination';
import type { Executor } from '@lab/shared/database';
import { sql } from 'kysely';
import type { VariantTables } from '../variant-tables.ts';
import {
  type AttributeFilter,
  alsoHas,
  hasItem,
  isSmaller,
  productsFrom,
  rarestFirst,
  type SearchQuery,
} from './attribute-query.ts';

/** Facets count up to this many products exactly. */
const MOST_PRODUCTS = 10_000;
const MOST_VALUES = 50;

interface FacetValue {
  readonly value: string;
  /** Products, each once however many of its variants have the value. */
  readonly count: number;
}

export interface Facets {
  readonly facets: Readonly<Record<string, readonly FacetValue[]>>;
  /** False if more products match than are counted. Each count is then a lower bound. */
  readonly isComplete: boolean;
}

type FacetQuery = Omit<SearchQuery, 'after' | 'count' | 'sort'>;

/** The ids of matching products, one more than are counted: the newest of them, or those of the rarest filter. */
const matching = async (db: Executor<VariantTables>, query: FacetQuery, most: number) => {
  const { attributes, size } = await rarestFirst(db, query.attributes);
  const search = { ...query, attributes, sort: 'newest', count: most + 1 } as const;
  const hasFilters = attributes.length > 0;
  if (hasFilters && !(await isSmaller(db, query, size)))
    return productsFrom(db, search).select('listed.id').limit(search.count);
  return pageStatement(db, search)
    .clearSelect()
    .select('listed.id')
    .$if(hasFilters, (q) => q.where(hasItem(db, attributes)));
};

/** The products with each value of these attributes, under all filters of the query. */
const countValues = async (
  db: Executor<VariantTables>,
  names: readonly string[],
  query: FacetQuery,
  most: number,
) => {
  const ids = await matching(db, query, most);
  const items = db
    .with(
      (cte) => cte('matching').materialized(),
      () => ids,
    )
    .selectFrom('matching')
    .crossJoin('attribute_listings as item')
    .whereRef('item.product_id', '=', 'matching.id')
    .where('item.name', 'in', names);
  return query.attributes
    .reduce((narrowed, filter) => narrowed.where(alsoHas(filter)), items)
    .select(['item.name', 'item.value', sql<number>`count(distinct item.product_id)`.as('count')])
    .groupBy(['item.name', 'item.value'])
    .unionAll(({ selectFrom }) =>
      selectFrom('matching').select([
        sql<string>`''`.as('name'),
        sql<string>`''`.as('value'),
        ({ fn }) => fn.countAll<number>().as('count'),
      ]),
    )
    .execute();
};

const mostFrequent = (counts: readonly FacetValue[]): FacetValue[] =>
  counts.toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, MOST_VALUES);

/**
 * Counts the products with each value of the attributes `names`, each attribute under all filters but its own, so that a
 * shopper sees what choosing another value would give. Attributes without a filter of their own share one statement.
 */
export const countFacets = async (
  db: Executor<VariantTables>,
  names: readonly string[],
  { attributes, ...query }: FacetQuery,
  most: number = MOST_PRODUCTS,
): Promise<Facets> => {
  const isFiltered = (name: string) => attributes.some((filter) => filter.name === name);
  const groups = [
    names.filter((name) => !isFiltered(name)),
    ...names.filter(isFiltered).map((name) => [name]),
  ];
  const facets = new Map<string, FacetValue[]>(names.map((name) => [name, []]));
  let isComplete = true;
  for (const group of groups.filter(({ length }) => length > 0)) {
    const others = attributes.filter(({ name }: AttributeFilter) => !group.includes(name));
    for (const { name, value, count } of await countValues(
      db,
      group,
      { ...query, attributes: others },
      most,
    )) {
      if (name !== '') facets.get(name)?.push({ value, count: Number(count) });
      else if (Number(count) > most) isComplete = false;
    }
  }
  const sorted = [...facets].map(([name, counts]) => [name, mostFrequent(counts)] as const);
  return { facets: Object.fromEntries(sorted), isComplete };
};
