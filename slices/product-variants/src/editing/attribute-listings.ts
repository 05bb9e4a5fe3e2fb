import type { Transaction } from 'kysely';
import type { VariantTables } from '../variant-tables.ts';
import { parseAttributes } from './product-detail.ts';

/**
 * Lists a product anew under its attributes, in the transaction that wrote it: for each variant its own attributes and
 * those of the product, or those of the product alone if it has no variants.
 */
export const listAttributes = async (trx: Transaction<VariantTables>, productId: string): Promise<void> => {
  const details = trx.selectFrom('product_details').select('attributes').where('product_id', '=', productId);
  const own = parseAttributes((await details.executeTakeFirst())?.attributes ?? null);
  const variants = await trx
    .selectFrom('product_variants')
    .select(['id', 'attributes'])
    .where('product_id', '=', productId)
    .execute();
  const items =
    variants.length > 0
      ? variants.map(({ id, attributes }) => ({ id, attributes: { ...own, ...parseAttributes(attributes) } }))
      : [{ id: '', attributes: own }];
  const rows = items.flatMap(({ id, attributes }) =>
    Object.entries(attributes).map(([name, value]) => ({
      product_id: productId,
      variant_id: id,
      name,
      value,
    })),
  );
  await trx.deleteFrom('attribute_listings').where('product_id', '=', productId).execute();
  if (rows.length > 0) await trx.insertInto('attribute_listings').values(rows).execute();
};
