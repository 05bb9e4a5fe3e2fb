import { type CatalogTables, listProducts } from '@lab/catalog-pagination';
import { type Executor, forUpdate, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { VariantTables } from '../variant-tables.ts';

/** What this slice asks of whatever keeps the stock: its own table, or an inventory. */
export interface Stock {
  /** Gives each sku, new or known, this much stock, in the transaction that writes the variants. */
  readonly set: (
    trx: Transaction<VariantTables>,
    lines: readonly { readonly sku: string; readonly available: number }[],
  ) => Promise<void>;
  /** Forgets the stock of variants that are deleted in the same transaction. */
  readonly remove: (trx: Transaction<VariantTables>, skus: readonly string[]) => Promise<void>;
  /** How much of each sku can be bought now. A sku that is left out has none. */
  readonly availableOf: (
    db: Executor<VariantTables>,
    skus: readonly string[],
  ) => Promise<ReadonlyMap<string, number>>;
}

/** Stock in a table of this slice, for a server without an inventory. Nothing reserves it. */
export const createStockTable = (): Stock => ({
  set: async (trx, lines) => {
    if (lines.length === 0) return;
    const insert = trx.insertInto('variant_stock').values([...lines]);
    await insert
      .onConflict((conflict) =>
        conflict.column('sku').doUpdateSet(({ ref }) => ({ available: ref('excluded.available') })),
      )
      .execute();
  },
  remove: async (trx, skus) => {
    if (skus.length > 0) await trx.deleteFrom('variant_stock').where('sku', 'in', skus).execute();
  },
  availableOf: async (db, skus) => {
    if (skus.length === 0) return new Map();
    const rows = await db.selectFrom('variant_stock').selectAll().where('sku', 'in', skus).execute();
    return new Map(rows.map(({ sku, available }) => [sku, available]));
  },
});

/** Sets `in_stock` of one product, whose row the transaction has locked. Resolves with whether that changed it. */
const refreshProduct = async (
  trx: Transaction<VariantTables>,
  stock: Pick<Stock, 'availableOf'>,
  product: Pick<CatalogTables['products'], 'id' | 'sku'>,
): Promise<boolean> => {
  const variants = await trx
    .selectFrom('product_variants')
    .select('sku')
    .where('product_id', '=', product.id)
    .execute();
  const skus = variants.length > 0 ? variants.map(({ sku }) => sku) : [product.sku];
  const available = await stock.availableOf(trx, skus);
  const in_stock = [...available.values()].some((each) => each > 0) ? 1 : 0;
  const changed = await trx
    .updateTable('products')
    .set({ in_stock })
    .where('id', '=', product.id)
    .where('in_stock', '!=', in_stock)
    .returning('id')
    .execute();
  if (changed.length > 0) await listProducts(trx, changed);
  return changed.length > 0;
};

/**
 * For an inventory: brings `in_stock` of the products of these skus up to date, in the transaction in which their
 * availability became zero or more than zero. It locks each product's row before it reads, so that two transactions
 * that take the last two variants do not each leave the product to the other. Resolves with the ids of the products
 * that changed, for caches. Elsewhere `in_stock` lags until the next call.
 */
export const refreshInStock = (
  db: Executor<VariantTables>,
  stock: Pick<Stock, 'availableOf'>,
  skus: readonly string[],
): Promise<readonly string[]> =>
  transact(db, async (trx) => {
    if (skus.length === 0) return [];
    const owners = trx.selectFrom('product_variants').select('product_id').where('sku', 'in', skus);
    const products = await trx
      .selectFrom('products')
      .select(['id', 'sku'])
      .where(({ or, eb }) => or([eb('id', 'in', owners), eb('sku', 'in', skus)]))
      .orderBy('id')
      .$call(forUpdate(trx))
      .execute();
    const changed: string[] = [];
    for (const product of products) {
      if (await refreshProduct(trx, stock, product)) changed.push(product.id);
    }
    return changed;
  });
