import { isOneOf, type ProductRow } from '@lab/catalog-pagination';
import { type Executor, type Param, prepareQuery } from '@lab/shared/database';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Attributes, VariantTables } from '../variant-tables.ts';
import type { Stock } from './stock.ts';

export interface Variant {
  readonly id: string;
  readonly sku: string;
  readonly attributes: Attributes;
  /** Null: the price of the product. */
  readonly priceMinor: number | null;
}

/** A product with all that it owns. */
export interface ProductDetail {
  readonly row: ProductRow;
  readonly description: string | null;
  readonly attributes: Attributes;
  /** In the order in which they were given. */
  readonly variants: readonly (Variant & { readonly available: number })[];
}

const stored = z.record(z.string(), z.string());

/** Reads attributes as the database stores them; a product without details has none. */
export const parseAttributes = (json: string | null): Attributes =>
  json === null ? {} : stored.parse(JSON.parse(json));

/** One statement, so that the product and its variants are of the same moment. A row for each variant. */
const detailRows = prepareQuery((db: Executor<VariantTables>, param: Param<{ id: string }>) =>
  db
    .selectFrom('products')
    .leftJoin('product_details', 'product_details.product_id', 'products.id')
    .leftJoin('product_variants as variant', 'variant.product_id', 'products.id')
    .selectAll('products')
    .select(['description', 'product_details.attributes as attributes'])
    .select([
      'variant.id as variant_id',
      'variant.sku as variant_sku',
      'variant.price_minor as variant_price',
    ])
    .select('variant.attributes as variant_attributes')
    .where('products.id', '=', param('id'))
    .orderBy('variant.position'),
);

/** Reads a product with its variants and their stock; undefined if there is none with this id. */
export const readDetail = async (
  db: Executor<VariantTables>,
  stock: Pick<Stock, 'availableOf'>,
  id: string,
): Promise<ProductDetail | undefined> => {
  const rows = await detailRows(db, { id });
  const [first] = rows;
  if (first === undefined) return undefined;
  const variants = rows.flatMap(({ variant_id, variant_sku, variant_price, variant_attributes }) =>
    variant_id === null || variant_sku === null
      ? []
      : [
          {
            id: variant_id,
            sku: variant_sku,
            attributes: parseAttributes(variant_attributes),
            priceMinor: variant_price,
          },
        ],
  );
  const available = await stock.availableOf(
    db,
    variants.map(({ sku }) => sku),
  );
  const { description, attributes, variant_id, variant_sku, variant_price, variant_attributes, ...row } =
    first;
  return {
    row,
    description,
    attributes: parseAttributes(attributes),
    variants: variants.map((variant) => ({ ...variant, available: available.get(variant.sku) ?? 0 })),
  };
};

export interface Highlights {
  readonly attributes: Attributes;
  /** Price of the cheapest variant; of the product if it has none. */
  readonly fromPriceMinor: number;
}

const highlightRows = prepareQuery((db: Executor<VariantTables>, param: Param<{ ids: string }>) =>
  db
    .selectFrom('products')
    .leftJoin('product_details', 'product_details.product_id', 'products.id')
    .leftJoin('product_variants as variant', 'variant.product_id', 'products.id')
    .select(['products.id', 'product_details.attributes'])
    .select(sql<number>`min(coalesce(variant.price_minor, products.price_minor))`.as('from_price'))
    .where(isOneOf(db, 'products.id', param('ids')))
    .groupBy(['products.id', 'product_details.attributes']),
);

/** What a list shows of each product besides its row, by id. */
export const readHighlights = async (
  db: Executor<VariantTables>,
  products: readonly Pick<ProductRow, 'id'>[],
): Promise<ReadonlyMap<string, Highlights>> => {
  if (products.length === 0) return new Map();
  const rows = await highlightRows(db, { ids: JSON.stringify(products.map(({ id }) => id)) });
  return new Map(
    rows.map(({ id, attributes, from_price }) => [
      id,
      { attributes: parseAttributes(attributes), fromPriceMinor: from_price },
    ]),
  );
};
