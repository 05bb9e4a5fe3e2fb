import { loadSample, pageStatement } from '@lab/catalog-pagination';
import { type Executor, engineOf } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import { type CompiledQuery, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { prepareVariants, type VariantTables } from '../src/index.ts';
import { hasItem, productsFrom } from '../src/search/attribute-query.ts';
import { openVariantsApp } from './variants-app.ts';

const PRODUCTS = 4_000;

/** The query plan of the engine, one step per line. */
const explain = async (db: Executor<VariantTables>, query: CompiledQuery): Promise<readonly string[]> => {
  const isSqlite = engineOf(db) === 'sqlite';
  const prefix = isSqlite ? 'explain query plan' : 'explain';
  const { rows } = await db.getExecutor().executeQuery({ ...query, sql: `${prefix} ${query.sql}` });
  return rows.map((row) =>
    isSqlite
      ? z.object({ detail: z.string() }).parse(row).detail
      : Object.values(z.looseObject({}).parse(row)).join(),
  );
};

/** Steps that read a whole table, and not the result of another step. */
const scans = (plan: readonly string[]): readonly string[] =>
  plan.filter((step) => /Seq Scan on|^SCAN (?!matched|listed$)/.test(step));

const rare = { name: 'maker', values: ['elm'] };
const frequent = { name: 'pack', values: ['family', 'single'] };

eachDatabase((engine) => {
  const open = async () => {
    const { db, stock } = await openVariantsApp(engine);
    await loadSample(db, PRODUCTS);
    await prepareVariants(db, stock);
    if (engine.name === 'postgres') await sql`analyze`.execute(db);
    return db;
  };

  describe('with filters on two attributes, no step reads a whole table', () => {
    it('of a walk, nor of gathering', async () => {
      const db = await open();
      const query = { sort: 'newest', currency: 'USD', count: 200 } as const;
      const attributes = [rare, frequent];
      const walk = db
        .selectFrom(pageStatement(db, query).as('listed'))
        .selectAll('listed')
        .select(hasItem(db, attributes).as('is_match'));
      const walkPlan = await explain(db, walk.compile());
      expect(scans(walkPlan), walkPlan.join('\n')).toEqual([]);
      const gathered = productsFrom(db, { ...query, category: 'snacks', attributes })
        .select('listed.id')
        .limit(20);
      const gatherPlan = await explain(db, gathered.compile());
      expect(scans(gatherPlan), gatherPlan.join('\n')).toEqual([]);
    }, 60_000);
  });

  it('(detector) sees the scan if the index by value is missing', async () => {
    const db = await open();
    await expect(
      db.transaction().execute(async (trx) => {
        await sql`drop index attribute_listings_value`.execute(trx);
        const all = trx.selectFrom('attribute_listings').selectAll().where('value', '=', 'elm');
        throw new Error(`rolled back, scans: ${scans(await explain(trx, all.compile())).length > 0}`);
      }),
    ).rejects.toThrow('scans: true');
  }, 60_000);
});
