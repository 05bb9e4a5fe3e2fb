/**
 * Problem: a product is rows in many tables, and two editors write at once. One of them may see half of what the other
 * wrote, or undo a change that it has not seen.
 * Guarantees: a product, its variants, skus, stock, listings and attributes commit together or not at all. A change says
 * which version it was made for, and the row lock of the product makes editors take turns, so that the later one is
 * refused. The primary key of `product_skus` decides who gets a sku.
 * Does NOT guarantee: that a sale between the check and the commit refuses an edit that sets the stock of that variant.
 */
import { listProducts, lockCategoryTree, productNotFound } from '@lab/catalog-pagination';
import { type Executor, forUpdate, transact } from '@lab/shared/database';
import { ProblemError } from '@lab/shared/http';
import type { Transaction } from 'kysely';
import type { Attributes, VariantTables } from '../variant-tables.ts';
import { listAttributes } from './attribute-listings.ts';
import { currencyFixed, preconditionFailed, unknownCategory } from './edit-problems.ts';
import {
  type DraftVariant,
  etagOfDetail,
  type NewProduct,
  type ProductChange,
  priceMinorOf,
} from './product-contract.ts';
import { type ProductDetail, readDetail } from './product-detail.ts';
import { refreshInStock, type Stock } from './stock.ts';
import { claimSkus, requireConsistent, writeVariants } from './variant-writing.ts';

export interface EditorDeps {
  readonly db: Executor<VariantTables>;
  readonly stock: Stock;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called after the commit of each change, so that caches can forget these products and the pages with them. */
  readonly onChanged?: ((productIds: readonly string[]) => Promise<void> | void) | undefined;
}

type Trx = Transaction<VariantTables>;

const requireCategory = async (trx: Trx, id: string): Promise<void> => {
  const found = await trx.selectFrom('categories').select('id').where('id', '=', id).execute();
  if (found.length === 0) throw new ProblemError(unknownCategory);
};

const storeDetails = (trx: Trx, product_id: string, description: string | null, attributes: Attributes) =>
  trx
    .insertInto('product_details')
    .values({ product_id, description, attributes: JSON.stringify(attributes) })
    .onConflict((conflict) =>
      conflict.column('product_id').doUpdateSet(({ ref }) => ({
        description: ref('excluded.description'),
        attributes: ref('excluded.attributes'),
      })),
    )
    .execute();

/** Whether `If-Match` names this entity tag: strong comparison (RFC 9110, section 13.1.1). */
const isMatch = (etag: string, ifMatch: string): boolean =>
  ifMatch.trim() === '*' ||
  ifMatch
    .split(',')
    .map((each) => each.trim())
    .includes(etag);

/** Creates, changes and deletes products. Refusals are ProblemErrors, thrown so that the transaction rolls back. */
export const createProductEditor = ({ db, stock, now, newId, onChanged }: EditorDeps) => {
  const detailOf = async (trx: Executor<VariantTables>, id: string): Promise<ProductDetail> => {
    const detail = await readDetail(trx, stock, id);
    if (!detail) throw new ProblemError(productNotFound);
    return detail;
  };

  const lockProduct = async (trx: Trx, id: string): Promise<void> => {
    const lock = trx.selectFrom('products').select('id').where('id', '=', id);
    if ((await lock.$call(forUpdate(trx)).execute()).length === 0) throw new ProblemError(productNotFound);
  };

  const edit = async (
    id: string,
    ifMatch: string,
    write: (trx: Trx, current: ProductDetail) => Promise<void>,
  ): Promise<ProductDetail> => {
    const changed = await transact(db, async (trx) => {
      await lockProduct(trx, id);
      const current = await detailOf(trx, id);
      if (!isMatch(etagOfDetail(current), ifMatch)) throw new ProblemError(preconditionFailed);
      await write(trx, current);
      await listProducts(trx, [{ id }]);
      await listAttributes(trx, id);
      return detailOf(trx, id);
    });
    await onChanged?.([id]);
    return changed;
  };

  return {
    find: (id: string): Promise<ProductDetail | undefined> => readDetail(db, stock, id),

    create: async ({ variants = [], attributes = {}, ...product }: NewProduct): Promise<ProductDetail> => {
      requireConsistent(variants, product.price.currency);
      const id = newId();
      const row = {
        id,
        sku: product.sku,
        name: product.name,
        category_id: product.category,
        currency: product.price.currency,
        price_minor: priceMinorOf(product.price),
        in_stock: 0,
        created_at: now().getTime(),
      };
      const created = await transact(db, async (trx) => {
        await lockCategoryTree(trx, 'shared');
        await requireCategory(trx, product.category);
        await claimSkus(trx, { ...row, isNew: true }, [row.sku, ...variants.map(({ sku }) => sku)]);
        await storeDetails(trx, id, product.description ?? null, attributes);
        await writeVariants(trx, { stock, newId }, id, [], variants);
        await refreshInStock(trx, stock, [row.sku]);
        await listProducts(trx, [{ id }]);
        await listAttributes(trx, id);
        return detailOf(trx, id);
      });
      await onChanged?.([id]);
      return created;
    },

    change: (id: string, ifMatch: string, change: ProductChange): Promise<ProductDetail> =>
      edit(id, ifMatch, async (trx, current) => {
        const { category, name, price } = change;
        if (price && price.currency !== current.row.currency) throw new ProblemError(currencyFixed);
        if (category !== undefined) {
          await lockCategoryTree(trx, 'shared');
          await requireCategory(trx, category);
        }
        const row = {
          name: name ?? current.row.name,
          category_id: category ?? current.row.category_id,
          price_minor: price ? priceMinorOf(price) : current.row.price_minor,
        };
        await trx.updateTable('products').set(row).where('id', '=', id).execute();
        const { description = current.description, attributes = current.attributes } = change;
        await storeDetails(trx, id, description, attributes);
      }),

    replaceVariants: (
      id: string,
      ifMatch: string,
      variants: readonly DraftVariant[],
    ): Promise<ProductDetail> =>
      edit(id, ifMatch, async (trx, { row, variants: current }) => {
        requireConsistent(variants, row.currency);
        const known = new Set(current.map(({ sku }) => sku));
        const added = variants.map(({ sku }) => sku).filter((sku) => !known.has(sku));
        await claimSkus(trx, { ...row, isNew: false }, added);
        await writeVariants(trx, { stock, newId }, id, current, variants);
        await refreshInStock(trx, stock, [row.sku]);
      }),

    /** Deletes a product with all that it owns. What refers to it by sku, such as orders, keeps its own copy. */
    remove: async (id: string): Promise<void> => {
      await transact(db, async (trx) => {
        await lockProduct(trx, id);
        const { row, variants } = await detailOf(trx, id);
        await stock.remove(trx, [row.sku, ...variants.map(({ sku }) => sku)]);
        await trx.deleteFrom('products').where('id', '=', id).execute();
      });
      await onChanged?.([id]);
    },
  };
};

export type ProductEditor = ReturnType<typeof createProductEditor>;
