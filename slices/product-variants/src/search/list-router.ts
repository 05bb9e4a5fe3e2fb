import { createProductStore, productFilter, sorts } from '@lab/catalog-pagination';
import type { Executor } from '@lab/shared/database';
import { type ContractRouter, createRouter, defineRoute, route, serviceUnavailable } from '@lab/shared/http';
import { type Cursors, listProblems, pageReply, pageResponse, readPage } from '@lab/shared/pagination';
import { z } from 'zod';
import { listedJson, listedProduct, tag } from '../editing/product-contract.ts';
import { readHighlights } from '../editing/product-detail.ts';
import type { VariantTables } from '../variant-tables.ts';
import { searchPage } from './attribute-query.ts';
import { countFacets } from './facets.ts';
import { attributeFilters, searchQuery } from './search-query.ts';

const facetValue = z.strictObject({ value: z.string(), count: z.int() });

const page = pageResponse(listedProduct, 'A page of products');

const searchProducts = defineRoute({
  method: 'GET',
  path: '/products',
  name: 'listProducts',
  summary: 'List the products in one currency that have the given attributes',
  description:
    'Any attribute filters by `attr.<name>=<value>,<value>`, such as `attr.recipe=vegan,classic&attr.flavor=vanilla`: one of the values, of each attribute, in the same variant. At most 5 attributes with 10 values each.',
  tag,
  query: searchQuery,
  responses: {
    200: {
      ...page,
      body: page.body.extend({
        facets: z
          .record(z.string(), z.array(facetValue))
          .optional()
          .meta({
            description:
              'If asked for: how many products have each value, under all filters but those on the same attribute. The 50 most frequent values',
            example: { recipe: [{ value: 'vegan', count: 3 }] },
          }),
        facets_complete: z.boolean().optional().meta({
          description: 'False if more than 10,000 products match. Counts are then lower bounds',
          example: true,
        }),
      }),
    },
  },
  problems: [...listProblems, serviceUnavailable],
});

/** The route that lists and searches products, in place of the catalog's own. */
export const createSearchRouter = ({
  db,
  cursors,
}: {
  readonly db: Executor<VariantTables>;
  readonly cursors: Cursors;
}): ContractRouter => {
  const catalog = createProductStore(db);

  return createRouter([
    route(searchProducts).handle(async (req) => {
      const { limit, cursor, facets: names, ...query } = req.query;
      const attributes = attributeFilters(req.query);
      const filter = productFilter(query);
      const shown = await readPage(
        { limit, cursor },
        {
          cursors,
          keyset: sorts[filter.sort],
          binding: { ...filter, attributes: JSON.stringify(attributes) },
          fetch: (count, after) =>
            attributes.length === 0
              ? catalog.page({ ...filter, count, after })
              : searchPage(db, { ...filter, attributes, count, after }),
          toItem: (row) => row,
        },
      );
      const highlights = await readHighlights(db, shown.items);
      const body = { ...shown, items: shown.items.map((row) => listedJson(row, highlights.get(row.id))) };
      if (names === undefined) return pageReply(req, body);
      const { facets, isComplete } = await countFacets(db, names, { ...filter, attributes });
      const counted = Object.fromEntries(Object.entries(facets).map(([name, values]) => [name, [...values]]));
      return { ...pageReply(req, body), body: { ...body, facets: counted, facets_complete: isComplete } };
    }),
  ]);
};
