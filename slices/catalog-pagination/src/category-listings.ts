/**
 * Problem: a department has the products of all categories below it, and must be as cheap to page through as one of
 * these; collecting them page by page costs a search in each.
 * Guarantees: each product is listed, as a copy of its row, under its category and under all above it, in the same
 * transaction as the product itself; with the product its listings go. A page of any category is a page of this table.
 * Does NOT guarantee: the copies of who writes `products` past the store; nor that a category may move: what is below it
 * stays listed above. Add it anew under its other parent, and upsert its products into it.
 */
import type { Executor } from '@lab/shared/database';
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

/** What an upsert of a product may change, but for its category. */
const changing = ['name', 'price_minor', 'in_stock'] as const satisfies (keyof ProductRow)[];

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

/** Lists these products as they are now, in the transaction that wrote them: new, changed, or of another category. */
export const listProducts = async (
  trx: Executor<CatalogTables>,
  products: readonly Pick<ProductRow, 'id'>[],
): Promise<void> => {
  const ids = sql<string>`${JSON.stringify(products.map(({ id }) => id))}`;
  await trx
    .deleteFrom('category_listings')
    .where(isOneOf(trx, 'id', ids))
    .where('category_id', '!=', ({ selectFrom, ref }) =>
      selectFrom('products').select('category_id').where('products.id', '=', ref('category_listings.id')),
    )
    .execute();
  await copyProducts(trx, isOneOf(trx, 'products.id', ids));
};
