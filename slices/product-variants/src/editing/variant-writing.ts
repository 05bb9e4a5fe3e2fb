import type { ProductRow } from '@lab/catalog-pagination';
import { ProblemError } from '@lab/shared/http';
import type { Transaction } from 'kysely';
import type { Attributes, VariantTables } from '../variant-tables.ts';
import { invalidVariants, skuTaken } from './edit-problems.ts';
import { type DraftVariant, priceMinorOf } from './product-contract.ts';
import type { Variant } from './product-detail.ts';
import type { Stock } from './stock.ts';

type Trx = Transaction<VariantTables>;

const namesOf = (attributes: Attributes): string => JSON.stringify(Object.keys(attributes).toSorted());

const canonical = (attributes: Attributes): string =>
  JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const refuse = (detail: string, index: number, member: string): never => {
  throw new ProblemError(invalidVariants, {
    detail,
    errors: [{ pointer: `#/variants/${index}/${member}`, detail }],
  });
};

/** Throws `invalid_variants` unless the variants differ from each other in the same attributes, in one currency. */
export const requireConsistent = (variants: readonly DraftVariant[], currency: string): void => {
  const seen = new Set<string>();
  const names = namesOf(variants[0]?.attributes ?? {});
  for (const [index, { attributes, price }] of variants.entries()) {
    const values = canonical(attributes);
    if (namesOf(attributes) !== names)
      refuse('has other attribute names than the first variant', index, 'attributes');
    if (seen.has(values)) refuse('has the same attributes as another variant', index, 'attributes');
    if (price && price.currency !== currency)
      refuse('is in another currency than the product', index, 'price/currency');
    seen.add(values);
  }
};

/**
 * Gives skus to a product, after adding its row if it is new. Throws `sku_taken` if another product or variant has one
 * of them, or if one is given twice. A transaction that claims the same sku at the same time waits for this one.
 */
export const claimSkus = async (
  trx: Trx,
  { isNew, ...product }: ProductRow & { readonly isNew: boolean },
  skus: readonly string[],
): Promise<void> => {
  if (skus.length === 0) return;
  const ofProduct = trx.selectFrom('products').select('id').where('sku', 'in', skus);
  if ((await ofProduct.execute()).length > 0) throw new ProblemError(skuTaken);
  if (isNew) {
    const insert = trx.insertInto('products').values(product);
    const added = await insert
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .returning('id')
      .execute();
    if (added.length === 0) throw new ProblemError(skuTaken);
  }
  const claims = skus.toSorted().map((sku) => ({ sku, product_id: product.id }));
  const claimed = await trx
    .insertInto('product_skus')
    .values(claims)
    .onConflict((conflict) => conflict.column('sku').doNothing())
    .returning('sku')
    .execute();
  if (claimed.length < skus.length) throw new ProblemError(skuTaken);
};

/** Replaces the variants of a product. A known sku keeps its id; its stock changes only if it is given. */
export const writeVariants = async (
  trx: Trx,
  { stock, newId }: { readonly stock: Stock; readonly newId: () => string },
  productId: string,
  current: readonly Variant[],
  variants: readonly DraftVariant[],
): Promise<void> => {
  const idOf = new Map(current.map(({ sku, id }) => [sku, id]));
  const wanted = new Set(variants.map(({ sku }) => sku));
  const gone = current.map(({ sku }) => sku).filter((sku) => !wanted.has(sku));
  await trx.deleteFrom('product_variants').where('product_id', '=', productId).execute();
  if (gone.length > 0) {
    await stock.remove(trx, gone);
    await trx.deleteFrom('product_skus').where('sku', 'in', gone).execute();
  }
  if (variants.length === 0) return;
  const rows = variants.map(({ sku, price, attributes }, position) => ({
    id: idOf.get(sku) ?? newId(),
    product_id: productId,
    position,
    sku,
    price_minor: price ? priceMinorOf(price) : null,
    attributes: JSON.stringify(attributes),
  }));
  await trx.insertInto('product_variants').values(rows).execute();
  const lines = variants.flatMap(({ sku, stock: available = idOf.has(sku) ? undefined : 0 }) =>
    available === undefined ? [] : [{ sku, available }],
  );
  await stock.set(trx, lines);
};
