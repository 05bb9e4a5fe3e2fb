/**
 * Problem: a department contains the products of all its subcategories, and a page of it must cost no more than a page
 * of one subcategory. Merging the subcategories for each page needs a search in each of them.
 * Guarantees: the transaction that writes a product also lists it, as a copy of its row, under its category and under
 * all ancestors of that category. Deleting a product deletes its listings. A page of any category is a page of this
 * table.
 * Does NOT guarantee: correct copies if code writes to `products` without the store; nor that a category can move. The
 * products below it stay listed under the old ancestors. Instead, add the category again under its new parent and
 * upsert its products into it.
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

/** The columns that an upsert can change, apart from the category. */
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

/** Updates the listings of new, changed or moved products, in the transaction that wrote them. */
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
