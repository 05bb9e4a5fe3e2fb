import { eachDatabase, startApp } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { createProductEditor, type VariantTables } from '../src/index.ts';
import { openVariantsApp, operator, tee } from './variants-app.ts';

interface ForeignKey {
  readonly table: string;
  readonly column: string;
  readonly rule: string;
}

/** Each foreign key of the database, as the engine reports it. */
const foreignKeysOf = async (db: Kysely<VariantTables>, engine: string): Promise<readonly ForeignKey[]> => {
  const query =
    engine === 'sqlite'
      ? sql<ForeignKey>`
          select m.name as "table", f."from" as "column", f."table" || ' ' || lower(f.on_delete) as rule
          from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'`
      : sql<ForeignKey>`
          select k.table_name as "table", k.column_name as "column", u.table_name || ' ' || lower(r.delete_rule) as rule
          from information_schema.referential_constraints r
          join information_schema.key_column_usage k on k.constraint_name = r.constraint_name
          join information_schema.constraint_column_usage u on u.constraint_name = r.constraint_name`;
  return (await query.execute(db)).rows;
};

const countAll = async (db: Kysely<VariantTables>): Promise<Record<string, number>> => {
  const tables = await db.introspection.getTables();
  const counts: [string, number][] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(name)}`.execute(db);
    counts.push([name, Number(rows[0]?.rows)]);
  }
  return Object.fromEntries(counts);
};

eachDatabase((engine) => {
  it('every table that refers to a product says what becomes of its rows', async () => {
    const { db } = await openVariantsApp(engine);
    const keys = await foreignKeysOf(db, engine.name);
    const lines = keys.map(({ table, column, rule }) => `${table}.${column} -> ${rule}`).toSorted();
    expect(lines).toEqual([
      'attribute_listings.product_id -> products cascade',
      'categories.parent_id -> categories no action',
      'category_listings.id -> products cascade',
      'category_relistings.category_id -> categories cascade',
      'product_details.product_id -> products cascade',
      'product_skus.product_id -> products cascade',
      'product_variants.product_id -> products cascade',
      'product_variants.sku -> product_skus cascade',
      'products.category_id -> categories no action',
      'variant_stock.sku -> product_skus cascade',
    ]);
  });

  it('deleting a product leaves no row of it in any table, and its skus are free again', async () => {
    const deps = await openVariantsApp(engine);
    const { request } = await startApp(deps.app);
    const editor = createProductEditor(deps);
    await editor.create(tee('KEPT'));
    const before = await countAll(deps.db);
    const { row } = await editor.create(tee('TEE'));
    const withTee = await countAll(deps.db);
    const grown = Object.keys(before).filter((table) => before[table] !== withTee[table]);
    expect(grown.toSorted()).toEqual([
      'attribute_listings',
      'category_listings',
      'product_details',
      'product_skus',
      'product_variants',
      'products',
      'variant_stock',
    ]);
    const path = `/products/${row.id}`;
    expect((await request('DELETE', path, { headers: operator })).status).toBe(204);
    expect(await countAll(deps.db)).toEqual(before);
    expect((await request('DELETE', path, { headers: operator })).status).toBe(404);
    expect((await request('GET', path)).status).toBe(404);
    await editor.create(tee('TEE'));
  });

  it('deleting the row of a product by other means leaves nothing of it either', async () => {
    const { db, ...deps } = await openVariantsApp(engine);
    const before = await countAll(db);
    const { row } = await createProductEditor({ ...deps, db }).create(tee('TEE'));
    await db.deleteFrom('products').where('id', '=', row.id).execute();
    expect(await countAll(db)).toEqual(before);
  });
});
