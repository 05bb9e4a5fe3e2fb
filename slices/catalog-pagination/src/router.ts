import { hash } from 'node:crypto';
import {
  type ContractRouter,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
  serviceUnavailable,
  type Tag,
} from '@lab/shared/http';
import {
  currencySchema,
  formatMinorUnits,
  isKnownCurrency,
  minorDigitsOf,
  moneySchema,
  parseAmount,
  roundTo,
  toMinorUnits,
} from '@lab/shared/money';
import {
  type Cursors,
  listProblems,
  listQuery,
  pageReply,
  pageResponse,
  readPage,
} from '@lab/shared/pagination';
import { z } from 'zod';
import { sorts } from './keyset-pages.ts';
import type { ProductStore } from './product-store.ts';
import type { ProductRow } from './product-tables.ts';

export interface CatalogDeps {
  readonly products: Pick<ProductStore, 'find' | 'page'>;
  readonly cursors: Cursors;
}

export const tag: Tag = {
  name: 'catalog-pagination',
  description:
    'Pages through a million products. A page costs the same at any depth, and reading all pages neither repeats nor skips a product, even if others change meanwhile.',
};

/** The first product of the sample catalog. */
const exampleId = '016f5e66-e800-78b7-86bc-514e28b7addc';

export const productSchema = z
  .strictObject({
    id: z.string(),
    sku: z.string(),
    name: z.string(),
    category: z.string().meta({ example: 'snacks.nuts.walnuts' }),
    price: moneySchema,
    in_stock: z.boolean(),
    created_at: z.iso.datetime({ precision: 3 }),
  })
  .meta({
    id: 'catalog-pagination.Product',
    example: {
      id: exampleId,
      sku: 'LAB-00000001',
      name: 'Classic peanuts Elm 351',
      category: 'snacks.nuts.peanuts',
      price: { amount: '50.70', currency: 'USD' },
      in_stock: true,
      created_at: '2020-01-01T00:00:00.000Z',
    },
  });

export type Product = z.output<typeof productSchema>;

/** A product as the API returns it. */
export const toJson = (row: ProductRow): Product => ({
  id: row.id,
  sku: row.sku,
  name: row.name,
  category: row.category_id,
  price: formatMinorUnits(row.price_minor, row.currency),
  in_stock: row.in_stock === 1,
  created_at: new Date(row.created_at).toISOString(),
});

// Any currency has at most four minor digits, so eleven digits before the point stay exact as minor units.
const priceBound = z
  .string()
  .regex(
    /^\d{1,11}(?:\.\d{1,6})?$/,
    'must be a plain decimal with at most 11 digits before the point and 6 after it',
  );

/** The id of a category at any level of the tree. */
export const categoryId = z
  .string()
  .regex(/^[a-z0-9.-]{1,100}$/, 'must be 1 to 100 lowercase letters, digits, dots or dashes');

/** The query parameters of a list of products. */
export const productListQuery = {
  ...listQuery,
  sort: z.enum(['newest', 'price_asc', 'price_desc', 'name_asc']).default('newest'),
  category: categoryId.optional().meta({
    description: 'A category at any level, including its subcategories, such as `snacks.nuts`',
    examples: ['snacks.nuts'],
  }),
  min_price: priceBound
    .optional()
    .meta({ description: 'Lowest price, inclusive, in major units, such as `5.00`', examples: ['5.00'] }),
  max_price: priceBound.optional().meta({
    description: 'Highest price, inclusive, in major units, such as `20.00`',
    examples: ['20.00'],
  }),
  currency: currencySchema.refine(isKnownCurrency, 'must be an ISO 4217 currency').default('USD'),
  in_stock: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};

const list = defineRoute({
  method: 'GET',
  path: '/products',
  name: 'listProducts',
  summary: 'List the products in one currency, page by page',
  tag,
  query: z.strictObject(productListQuery),
  responses: { 200: pageResponse(productSchema, 'A page of products') },
  problems: [...listProblems, serviceUnavailable],
});

export const productNotFound = defineProblem({
  code: 'product_not_found',
  status: 404,
  title: 'No product has this id',
  explanation:
    'The id is wrong, or the product was removed from the catalog. `GET /products` lists the available products.',
});

const headers = { ETag: 'Strong entity tag of the body (RFC 9110, section 8.8.3)' };

export const readProduct = defineRoute({
  method: 'GET',
  path: '/products/:id',
  name: 'readProduct',
  summary: 'Read a product',
  tag,
  params: z.strictObject({
    id: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
      .meta({ example: exampleId }),
  }),
  headers: z.object({ 'if-none-match': z.string().optional() }),
  responses: {
    200: { description: 'The product', body: productSchema, headers },
    304: { description: 'The copy of the client is current', headers },
  },
  problems: [productNotFound, serviceUnavailable],
});

/** Weak comparison, as If-None-Match requires (RFC 9110, section 13.1.2). */
export const isKnown = (etag: string, ifNoneMatch: string): boolean =>
  ifNoneMatch.trim() === '*' || ifNoneMatch.match(/"[^"]*"/g)?.includes(etag) === true;

/** The strong entity tag of a body (RFC 9110, section 8.8.3). */
export const etagOf = (text: string): string => `"${hash('sha256', text, 'base64url')}"`;

/** 200 with the product, or 304 if the client's copy is current. Caches must revalidate it before each use. */
export const productReply = (product: object, ifNoneMatch: string | undefined) => {
  const text = JSON.stringify(product);
  const etag = etagOf(text);
  const replyHeaders = { ETag: etag, 'Cache-Control': 'no-cache' };
  return ifNoneMatch !== undefined && isKnown(etag, ifNoneMatch)
    ? { status: 304 as const, headers: replyHeaders }
    : { status: 200 as const, headers: replyHeaders, text };
};

/** A bound between two minor units moves inward to the next one. */
const boundMinor = (amount: string | undefined, currency: string, mode: 'up' | 'down') =>
  amount === undefined
    ? undefined
    : toMinorUnits({ amount: roundTo(parseAmount(amount), minorDigitsOf(currency), mode), currency });

type ProductListQuery = z.output<z.ZodObject<typeof productListQuery>>;

/** The filter of a list of products from its query parameters. */
export const productFilter = (query: Omit<ProductListQuery, 'limit' | 'cursor'>) => ({
  sort: query.sort,
  category: query.category,
  currency: query.currency,
  inStock: query.in_stock,
  minPriceMinor: boundMinor(query.min_price, query.currency, 'up'),
  maxPriceMinor: boundMinor(query.max_price, query.currency, 'down'),
});

/** The route that lists products. */
export const createProductListRouter = ({ products, cursors }: Pick<CatalogDeps, 'products' | 'cursors'>) =>
  createRouter([
    route(list).handle(async (req) => {
      const { limit, cursor, ...binding } = req.query;
      const filter = productFilter(binding);
      const page = await readPage(
        { limit, cursor },
        {
          cursors,
          keyset: sorts[filter.sort],
          binding,
          fetch: (count, after) => products.page({ ...filter, count, after }),
          toItem: toJson,
        },
      );
      return pageReply(req, page);
    }),
  ]);

/** The route that reads one product. An app that caches products mounts its own route instead. */
export const createProductRouter = ({ products }: { readonly products: Pick<ProductStore, 'find'> }) =>
  createRouter([
    route(readProduct).handle(async (req) => {
      const row = await products.find(req.params.id);
      if (!row) throw new ProblemError(productNotFound);
      return productReply(toJson(row), req.headers['if-none-match']);
    }),
  ]);

/** All routes of the catalog, as a server mounts them. */
export const createCatalogRouters = (deps: CatalogDeps): readonly ContractRouter[] => [
  createProductListRouter(deps),
  createProductRouter(deps),
];
