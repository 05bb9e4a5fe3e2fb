import type { VariantTables } from '@lab/product-variants';
import type { Kysely } from 'kysely';

type Database = Kysely<VariantTables>;
type Filters = Readonly<Record<string, string>>;

/** Products that have each of the values, in whichever of their variants. */
const matching = (db: Database, filters: Filters) =>
  Object.entries(filters).reduce(
    (products, [name, value]) =>
      products.where('id', 'in', (eb) =>
        eb
          .selectFrom('attribute_listings')
          .select('product_id')
          .where((item) => item.and({ name, value })),
      ),
    db.selectFrom('products').select(['id', 'created_at']),
  );

// #region heart
/** Pages by number: skips the products already shown. */
export const pageNaively = (db: Database, filters: Filters, skip: number, limit: number) =>
  matching(db, filters).orderBy('created_at', 'desc').limit(limit).offset(skip).execute();

/** Counts the values of an attribute among the products that match all filters, and each listing of them. */
export const countNaively = (db: Database, attribute: string, filters: Filters) =>
  db
    .selectFrom('attribute_listings')
    .select(['value', ({ fn }) => fn.countAll<number>().as('count')])
    .where('name', '=', attribute)
    .where('product_id', 'in', matching(db, filters).clearSelect().select('id'))
    .groupBy('value')
    .execute();

// #endregion

/** Reads the category's new parents, finds no cycle, and writes. */
export const moveNaively = async (db: Database, id: string, parent: string) => {
  const rows = await db.selectFrom('categories').selectAll().execute();
  const parents = new Map(rows.map((row) => [row.id, row.parent_id]));
  for (let above: string | null = parent; above !== null; above = parents.get(above) ?? null) {
    if (above === id) return 'cycle';
  }
  await db.updateTable('categories').set({ parent_id: parent }).where('id', '=', id).execute();
  return 'moved';
};
