/**
 * Problem: a department contains the products of all its subcategories, and a page of it must cost no more than a page
 * of one subcategory. Merging the subcategories for each page needs a search in each of them.
 * Guarantees: the transaction that writes a product also lists it, as a copy of its row, under its category and under
 * all ancestors of that category. Deleting a product deletes its listings. A page of any category is a page of this
 * table. While a transaction lists products, the tree of categories does not change.
 * Does NOT guarantee: correct copies if code writes to `products` without the store; nor listings that follow a
 * category to a new parent. Whoever moves it lists its products anew (product-variants does).
 */
import { type Executor, engineOf } from '@lab/shared/database';
import { type Expression, type SqlBool, sql } from 'kysely';
import { isOneOf } from './is-one-of.ts';
import type { CatalogTables, ProductRow } from './product-tables.ts';

export const productColumns = [
  'id',
  'sku',
  'name',
  'category_id',
  'currency',
  'price_minor',
  'in_stock',
  'created_at',
] as const satisfies (keyof ProductRow)[];

/** The columns that a write can change. */
const changing = ['name', 'category_id', 'price_minor', 'in_stock'] as const satisfies (keyof ProductRow)[];

/**
 * Keeps the tree of categories as it is until the transaction ends (`shared`: any number of transactions at once), or
 * claims it for a change (`exclusive`). On Postgres these are locks on the table, of which every statement that reads
 * it takes the shared one, so that listing a product needs no statement for it. SQLite has one writer.
 */
export const lockCategoryTree = async (
  trx: Executor<CatalogTables>,
  mode: 'shared' | 'exclusive',
): Promise<void> => {
  if (engineOf(trx) === 'sqlite') return;
  const lock = mode === 'shared' ? sql`access share` : sql`access exclusive`;
  await sql`lock table categories in ${lock} mode`.execute(trx);
};

const copyProducts = async (db: Executor<CatalogTables>, which: Expression<SqlBool>): Promise<void> => {
  const columns = sql.join(productColumns.map((column) => sql.ref(column)));
  const copied = sql.join(productColumns.map((column) => sql.ref(`products.${column}`)));
  const changes = changing.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`);
  await sql`
    insert into category_listings (listed_in, ${columns})
    with recursive line (category_id, listed_in) as (
      select category_id, category_id from products where ${which}
      union
      select line.category_id, categories.parent_id
      from line join categories on categories.id = line.listed_in
      where categories.parent_id is not null
    )
    select line.listed_in, ${copied}
    from products join line on line.category_id = products.category_id
    where ${which}
    on conflict (id, listed_in) do update set ${sql.join(changes)}`.execute(db);
};

/**
 * Removes the listings under categories that are no longer above the product. The subquery runs once for each listing:
 * given a join, Postgres would read the whole table.
 */
const removeStale = async (db: Executor<CatalogTables>, ids: Expression<string>): Promise<void> => {
  await sql`
    delete from category_listings
    where ${isOneOf(db, 'id', ids)} and listed_in not in (
      with recursive line (above) as (
        select products.category_id from products where products.id = category_listings.id
        union
        select categories.parent_id from line join categories on categories.id = line.above
        where categories.parent_id is not null
      )
      select above from line
    )`.execute(db);
};

type Ids = readonly Pick<ProductRow, 'id'>[];

const asJson = (products: Ids) => sql<string>`${JSON.stringify(products.map(({ id }) => id))}`;

/** Lists products that the transaction has added. */
export const listNewProducts = async (trx: Executor<CatalogTables>, products: Ids): Promise<void> => {
  await copyProducts(trx, isOneOf(trx, 'products.id', asJson(products)));
};

/** Updates the listings of new, changed or moved products, in the transaction that wrote them. */
export const listProducts = async (trx: Executor<CatalogTables>, products: Ids): Promise<void> => {
  await removeStale(trx, asJson(products));
  await copyProducts(trx, isOneOf(trx, 'products.id', asJson(products)));
};
