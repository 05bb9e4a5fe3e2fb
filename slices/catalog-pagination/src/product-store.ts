import { type Executor, isUniqueViolation, type Param, prepareQuery, transact } from '@lab/shared/database';
import { fromMinorUnits, type Money, toMinorUnits } from '@lab/shared/money';
import type { Transaction } from 'kysely';
import { listProducts } from './category-listings.ts';
import { isOneOf } from './is-one-of.ts';
import type { PageQuery } from './keyset-pages.ts';
import { productPage } from './page-statements.ts';
import type { CatalogTables, CategoryRow, ProductRow } from './product-tables.ts';

const mostAttempts = 5;

/**
 * Runs an upsert, and runs it again if it collides. `on conflict (column)` covers one unique column, but a row that
 * another connection adds at the same moment can collide on any of them. At the next attempt that row is visible.
 * Inside a transaction the collision has ended the transaction, and is thrown.
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
  if (offered.length < products.length) throw new RangeError('a product is sold in another currency');
  await listProducts(trx, offered);
};

/** Products and the tree of their categories. */
export const createProductStore = (db: Executor<CatalogTables>) => ({
  find: async (id: string): Promise<ProductRow | undefined> => (await byId(db, { id })).at(0),

  /** Those of the skus that there are, in no order. */
  findBySkus: (skus: readonly string[]) => bySkus(db, { skus: JSON.stringify(skus) }),

  page: (query: PageQuery): Promise<readonly ProductRow[]> => productPage(db, query),

  /** Adds categories that are not there, parents before children. */
  addCategories: async (categories: readonly CategoryRow[]): Promise<void> => {
    const insert = db.insertInto('categories').values([...categories]);
    await insert.onConflict((conflict) => conflict.column('id').doNothing()).execute();
  },

  /** Adds products that are not there; one whose sku or id is there stays as it is. */
  addMissing: (products: readonly ProductRow[]): Promise<void> =>
    transact(db, async (trx) => {
      const insert = trx.insertInto('products').values([...products]);
      const added = await insert
        .onConflict((conflict) => conflict.doNothing())
        .returning('id')
        .execute();
      await listProducts(trx, added);
    }),

  /**
   * Makes the catalogue offer these products at these prices. One whose sku is there keeps its id, its time (and with
   * it its place in the sort by time) and its currency: throws a RangeError, and changes nothing, for another one.
   */
  upsert: async (products: readonly ProductRow[]): Promise<void> => {
    const offerAll = () => transact(db, (trx) => offer(trx, products));
    if (products.length > 0) await upsertAgainOnCollision(db, offerAll);
  },

  /** Changes name or price of a product; the product as it is then, undefined where there is none. */
  change: (
    id: string,
    change: { readonly name?: string; readonly price_minor?: number },
  ): Promise<ProductRow | undefined> =>
    transact(db, async (trx) => {
      const changed = await trx
        .updateTable('products')
        // An UPDATE must set something, even where nothing changes.
        .set(({ ref }) => ({ category_id: ref('category_id'), ...change }))
        .where('id', '=', id)
        .returningAll()
        .execute();
      await listProducts(trx, changed);
      return changed.at(0);
    }),
});

export type ProductStore = ReturnType<typeof createProductStore>;

/** A price as a price list names it. */
export interface ListedPrice {
  readonly sku: string;
  readonly name: string;
  readonly unitPrice: Money;
}

/** The product that a listed price speaks of, in stock. Throws a RangeError for a price finer than the minor unit. */
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

/** The catalogue as a price list: prices any sku, and lists those of `listed` that it has. */
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
