import { isOneOf, type ListedPrice } from '@lab/catalog-pagination';
import { type Executor, type Param, prepareQuery } from '@lab/shared/database';
import { fromMinorUnits } from '@lab/shared/money';
import { sql } from 'kysely';
import type { VariantTables } from '../variant-tables.ts';
import { parseAttributes } from './product-detail.ts';

/** Prices by sku, as cart-pricing asks for them. */
export interface PricesBySku {
  readonly priceOf: (sku: string) => Promise<ListedPrice | undefined>;
  readonly pricesOf: (skus: readonly string[]) => Promise<ReadonlyMap<string, ListedPrice>>;
  readonly list: () => Promise<readonly ListedPrice[]>;
}

const priceRows = prepareQuery((db: Executor<VariantTables>, param: Param<{ skus: string }>) =>
  db
    .selectFrom('product_variants as variant')
    .innerJoin('products', 'products.id', 'variant.product_id')
    .select(['variant.sku', 'products.name', 'products.currency', 'variant.attributes'])
    .select(sql<number>`coalesce(variant.price_minor, products.price_minor)`.as('price_minor'))
    .where(isOneOf(db, 'variant.sku', param('skus'))),
);

/** `Vanilla bean ice cream, 500 ml (vegan)`. */
const nameOf = (name: string, attributes: string): string => {
  const values = Object.values(parseAttributes(attributes));
  return values.length === 0 ? name : `${name} (${values.join(', ')})`;
};

/** A price list that also knows the skus of variants. What it lists does not change. */
export const withVariantPrices = (db: Executor<VariantTables>, products: PricesBySku): PricesBySku => {
  const pricesOf = async (skus: readonly string[]): Promise<ReadonlyMap<string, ListedPrice>> => {
    const known = await products.pricesOf(skus);
    const others = skus.filter((sku) => !known.has(sku));
    if (others.length === 0) return known;
    const rows = await priceRows(db, { skus: JSON.stringify(others) });
    const ofVariants = rows.map(({ sku, name, currency, attributes, price_minor }): [string, ListedPrice] => [
      sku,
      { sku, name: nameOf(name, attributes), unitPrice: fromMinorUnits(price_minor, currency) },
    ]);
    return new Map([...known, ...ofVariants]);
  };
  return { pricesOf, priceOf: async (sku) => (await pricesOf([sku])).get(sku), list: products.list };
};
