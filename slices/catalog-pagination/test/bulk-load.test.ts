import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { migrate, openDatabase } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase, readSchema } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CatalogTables, catalogMigrations, loadSample, prepareCatalog } from '../src/index.ts';
import { dropSortIndexes } from '../src/page-statements.ts';
import { sampleCategories, sampleProduct } from '../src/sample-catalog.ts';

const openCatalog = async (engine: DatabaseEngine) => {
  const { db, url } = await engine.open<CatalogTables>();
  await migrate(db, [catalogMigrations]);
  return { db, url };
};

const openAnother = (url: string): Kysely<CatalogTables> => {
  const db = openDatabase<CatalogTables>(url);
  onTestFinished(() => db.destroy());
  return db;
};

const skusOf = async (db: Kysely<CatalogTables>): Promise<string[]> =>
  (await db.selectFrom('products').select('sku').orderBy('sku').execute()).map(({ sku }) => sku);

const sampleSkus = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => sampleProduct(index + 1).sku);

const countIndexes = async (db: Kysely<CatalogTables>, engine: DatabaseEngine): Promise<number> => {
  const { rows } =
    engine.name === 'sqlite'
      ? await sql`select name from sqlite_schema where type = 'index' and sql is not null`.execute(db)
      : await sql`select indexname from pg_indexes where indexname ~ '^(products|category_listings)_' and indexdef not like '%UNIQUE%'`.execute(
          db,
        );
  return rows.length - (engine.name === 'sqlite' ? 1 : 0);
};

/** Runs the command behind `make seed`, and can interrupt it at its first line of output. */
const seed = async (url: string, products: number, interrupt: boolean) => {
  const child = spawn(process.execPath, ['lab/seed.ts'], {
    cwd: new URL('..', import.meta.url),
    env: { ...process.env, DATABASE_URL: url, products: String(products) },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (interrupt && output === '') child.kill('SIGINT');
    output += chunk;
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  const [code]: unknown[] = await once(child, 'close');
  return { code, output, errors };
};

describe('the sample', () => {
  it('has three levels and 60 shelves, each parent before its children', () => {
    const depths = sampleCategories.map(({ id }) => id.split('.').length);
    expect([1, 2, 3].map((depth) => depths.filter((each) => each === depth).length)).toEqual([4, 12, 60]);
    const seen = new Set<string | null>([null]);
    for (const { id, parent_id } of sampleCategories) {
      expect(seen).toContain(parent_id);
      seen.add(id);
    }
  });

  it('always has the same product for a number, and no id twice', () => {
    expect(sampleProduct(1)).toMatchInlineSnapshot(`
      {
        "category_id": "snacks.nuts.peanuts",
        "created_at": 1577836800000,
        "currency": "USD",
        "id": "016f5e66-e800-78b7-86bc-514e28b7addc",
        "in_stock": 1,
        "name": "Classic peanuts Elm 351",
        "price_minor": 5070,
        "sku": "LAB-00000001",
      }
    `);
    const ids = new Set(Array.from({ length: 100_000 }, (_, index) => sampleProduct(index + 1).id));
    expect(ids.size).toBe(100_000);
  });
});

eachDatabase((engine) => {
  it('loads the requested number, changes nothing when repeated, and can load more later', async () => {
    const { db } = await openCatalog(engine);
    expect(await loadSample(db, 1_500)).toBe(1_500);
    await db.updateTable('products').set({ price_minor: 1 }).where('sku', '=', 'LAB-00000007').execute();
    expect(await loadSample(db, 1_500)).toBe(1_500);
    expect(await loadSample(db, 700)).toBe(1_500);
    expect(await loadSample(db, 2_600)).toBe(2_600);
    expect(await skusOf(db)).toEqual(sampleSkus(2_600));
    const changed = db.selectFrom('products').select('price_minor').where('sku', '=', 'LAB-00000007');
    expect(await changed.execute()).toEqual([{ price_minor: 1 }]);
  });

  it('continues after Ctrl-C with the same result as an uninterrupted load, indexes included', {
    timeout: 60_000,
  }, async () => {
    const { db, url } = await openCatalog(engine);
    const stopped = await seed(url, 25_000, true);
    expect(stopped).toMatchObject({ code: 130, errors: '' });
    expect(stopped.output).toContain('Run the same command again to continue');
    const some = (await skusOf(db)).length;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(25_000);
    expect(await countIndexes(db, engine)).toBe(6);
    const resumed = await seed(url, 25_000, false);
    expect(resumed).toMatchObject({ code: 0, errors: '' });
    expect(resumed.output).toMatch(/^25000 of 25000 products$/m);
    expect(await skusOf(db)).toEqual(sampleSkus(25_000));
    expect(await countIndexes(db, engine)).toBe(6);
  });

  it('fills a catalog only at its first start, and builds missing indexes', async () => {
    const { db } = await openCatalog(engine);
    const migrated = await readSchema(db);
    await prepareCatalog(db, 30);
    await db.deleteFrom('products').where('sku', '>', 'LAB-00000010').execute();
    await dropSortIndexes(db);
    expect(await countIndexes(db, engine)).toBe(0);
    await prepareCatalog(db, 30);
    expect(await skusOf(db)).toEqual(sampleSkus(10));
    expect(await readSchema(db)).toEqual(migrated);
  });

  it('fills a catalog in one transaction: others see none of the sample or all of it', {
    timeout: 60_000,
  }, async () => {
    const { db, url } = await openCatalog(engine);
    const other = openAnother(url);
    let isFilled = false;
    const filling = prepareCatalog(db, 12_000).finally(() => {
      isFilled = true;
    });
    const seen = new Set<number>();
    while (!isFilled) {
      const { rows } = await sql<{ count: number }>`select count(*) as count from products`.execute(other);
      seen.add(rows[0]?.count ?? -1);
      await new Promise(setImmediate);
    }
    await filling;
    expect([...seen].filter((count) => count !== 0 && count !== 12_000)).toEqual([]);
    expect(await skusOf(other)).toHaveLength(12_000);
  });

  it('builds missing indexes once when several processes start together', { timeout: 60_000 }, async () => {
    const { db, url } = await openCatalog(engine);
    await prepareCatalog(db, 30);
    const migrated = await readSchema(db);
    for (let round = 0; round < 5; round += 1) {
      await dropSortIndexes(db);
      const others = Array.from({ length: 4 }, () => openAnother(url));
      await Promise.all(others.map((other) => prepareCatalog(other, 30)));
      expect(await readSchema(db)).toEqual(migrated);
    }
  });
});
