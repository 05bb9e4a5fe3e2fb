import { type Executor, isUniqueViolation, type Param, prepareQuery, transact } from '@lab/shared/database';
import { fromMinorUnits, type Money, toMinorUnits } from '@lab/shared/money';
import type { Transaction } from 'kysely';
import { listNewProducts, listProducts } from './category-listings.ts';
import { isOneOf } from './is-one-of.ts';
import type { PageQuery } from './keyset-pages.ts';
import { productPage } from './page-statements.ts';
import type { CatalogTables, CategoryRow, ProductRow } from './product-tables.ts';

const mostAttempts = 5;

/**
 * Runs an upsert, and retries it if it violates a unique constraint. `on conflict (column)` covers one unique column,
 * but a row that another connection adds at the same time can conflict on any of them. The next attempt sees that row.
 * Inside a transaction the violation is thrown instead, because it has already failed the transaction.
 */
const upsertAgainOnCollision = async <Result>(
  { isTransaction }: { readonly isTransaction: boolean },
  upsert: () => Promise<Result>,
): Promise<Result> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await upsert();
    } catch (error) {
      if (isTransaction || attempt === mostAttempts || !isUniqueViolation(error)) throw error;
    }
  }
};

const byId = prepareQuery((db: Executor<CatalogTables>, param: Param<{ id: string }>) =>
  db.selectFrom('products').selectAll().where('id', '=', param('id')),
);

const bySkus = prepareQuery((db: Executor<CatalogTables>, param: Param<{ skus: string }>) =>
  db
    .selectFrom('products')
    .selectAll()
    .where(isOneOf(db, 'sku', param('skus'))),
);

const offer = async (trx: Transaction<CatalogTables>, products: readonly ProductRow[]): Promise<void> => {
  const insert = trx.insertInto('products').values([...products]);
  const offered = await insert
    .onConflict((conflict) =>
      conflict
        .column('sku')
        .doUpdateSet(({ ref }) => ({
          name: ref('excluded.name'),
          category_id: ref('excluded.category_id'),
          price_minor: ref('excluded.price_minor'),
          in_stock: ref('excluded.in_stock'),
        }))
        .whereRef('products.currency', '=', 'excluded.currency'),
    )
    .returning('id')
    .execute();
  if (offered.length < products.length) throw new RangeError('a product is already sold in another currency');
  await listProducts(trx, offered);
};

/** Reads and writes products and their tree of categories. */
export const createProductStore = (db: Executor<CatalogTables>) => ({
  find: async (id: string): Promise<ProductRow | undefined> => (await byId(db, { id })).at(0),

  /** The products with these skus, in no particular order. Unknown skus are left out. */
  findBySkus: (skus: readonly string[]) => bySkus(db, { skus: JSON.stringify(skus) }),

  page: (query: PageQuery): Promise<readonly ProductRow[]> => productPage(db, query),

  /** Adds missing categories. Parents must come before their children. */
  addCategories: async (categories: readonly CategoryRow[]): Promise<void> => {
    const insert = db.insertInto('categories').values([...categories]);
    await insert.onConflict((conflict) => conflict.column('id').doNothing()).execute();
  },

  /** Adds missing products. A product whose sku or id already exists does not change. */
  addMissing: (products: readonly ProductRow[]): Promise<void> =>
    transact(db, async (trx) => {
      const insert = trx.insertInto('products').values([...products]);
      const added = await insert
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .execute();
      await listNewProducts(trx, added);
    }),

  /**
   * Adds these products, or updates those whose sku exists. An existing product keeps its id, its creation time (so its
   * position in the sort by time) and its currency. Throws a RangeError, and changes nothing, for another currency.
   */
  upsert: async (products: readonly ProductRow[]): Promise<void> => {
    const offerAll = () => transact(db, (trx) => offer(trx, products));
    if (products.length > 0) await upsertAgainOnCollision(db, offerAll);
  },

  /** Changes the name or price of a product. Resolves with the changed product, or undefined if there is none. */
  change: (
    id: string,
    change: { readonly name?: string; readonly price_minor?: number },
  ): Promise<ProductRow | undefined> =>
    transact(db, async (trx) => {
      const changed = await trx
        .updateTable('products')
        // An UPDATE must set at least one column, even if nothing changes.
        .set(({ ref }) => ({ category_id: ref('category_id'), ...change }))
        .where('id', '=', id)
        .returningAll()
        .execute();
      await listProducts(trx, changed);
      return changed.at(0);
    }),
});

export type ProductStore = ReturnType<typeof createProductStore>;

/** An entry of a price list. */
export interface ListedPrice {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: Money;
}

/** Builds a product, in stock, from a listed price. Throws a RangeError if the price is not in whole minor units. */
export const productOf = (
  { sku, name, unitPrice }: ListedPrice,
  { id, category, createdAt }: { readonly id: string; readonly category: string; readonly createdAt: Date },
): ProductRow => ({
  id,
  sku,
  name,
  category_id: category,
  currency: unitPrice.currency,
  price_minor: toMinorUnits(unitPrice),
  in_stock: 1,
  created_at: createdAt.getTime(),
});

/** The catalog as a price list: prices any of its products, and lists those whose sku is in `listed`. */
export const createCatalogPriceList = (
  products: Pick<ProductStore, 'findBySkus'>,
  listed: readonly string[],
) => {
  const pricesOf = async (skus: readonly string[]): Promise<ReadonlyMap<string, ListedPrice>> => {
    const rows = await products.findBySkus(skus);
    return new Map(
      rows.map(({ sku, name, price_minor, currency }) => [
        sku,
        { sku, name, unitPrice: fromMinorUnits(price_minor, currency) },
      ]),
    );
  };
  return {
    pricesOf,
    priceOf: async (sku: string): Promise<ListedPrice | undefined> => (await pricesOf([sku])).get(sku),
    list: async (): Promise<readonly ListedPrice[]> => {
      const prices = await pricesOf(listed);
      return listed.flatMap((sku) => prices.get(sku) ?? []);
    },
  };
};
