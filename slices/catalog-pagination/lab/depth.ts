/**
 * `node --run bench`: what a page of 20 costs at growing depth, by keyset and by OFFSET, in turns in one run, drawn
 * into depth-<engine>.svg. In the database of `BENCH_DATABASE_URL`, which should be
 * empty, else in a SQLite file that is removed at the end.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineOf, migrate, openDatabase } from '@lab/shared/database';
import type { Position } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import { type CatalogTables, catalogMigrations, createProductStore, loadSample } from '../src/index.ts';
import { type DepthResult, depthChart } from './depth-chart.ts';

// A tenth is sold in EUR: of these, 990,000 are in the list.
const PRODUCTS = 1_100_000;
const DEPTHS = [0, 100_000, 300_000, 600_000, 900_000];
const COUNT = 21;

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;

const none = (): number[] => [];

const timeMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
};

const byOffset = (db: Kysely<CatalogTables>, depth: number) => {
  const query = db.selectFrom('products').selectAll().where('currency', '=', 'USD');
  return query.orderBy('price_minor').orderBy('id').limit(COUNT).offset(depth).execute();
};

const measure = async (db: Kysely<CatalogTables>) => {
  const products = createProductStore(db);
  const pages = await Promise.all(
    DEPTHS.map(async (depth): Promise<{ depth: number; after: Position | undefined }> => {
      const [before] = depth === 0 ? [] : await byOffset(db, depth - 1);
      return { depth, after: before && [before.price_minor, before.id] };
    }),
  );
  const query = { sort: 'price_asc', currency: 'USD', count: COUNT } as const;
  const results = pages.map(({ depth, after }) => ({
    depth,
    keyset: () => products.page({ ...query, after }),
    offset: () => byOffset(db, depth),
    keysetMs: none(),
    offsetMs: none(),
  }));
  for (let round = 0; round < 220; round += 1) {
    for (const { keyset, offset, keysetMs, offsetMs } of results) {
      keysetMs.push(await timeMs(keyset));
      if (round % 20 === 0) offsetMs.push(await timeMs(offset));
    }
  }
  return results;
};

type Results = Awaited<ReturnType<typeof measure>>;

const report = async (engine: string, results: Results): Promise<void> => {
  console.log('depth'.padStart(9), 'keyset p50 ms'.padStart(15), 'OFFSET p50 ms'.padStart(15));
  for (const { depth, keysetMs, offsetMs } of results) {
    const cells = [median(keysetMs).toFixed(3).padStart(15), median(offsetMs).toFixed(1).padStart(15)];
    console.log(String(depth).padStart(9), ...cells);
  }
  const ratio = (key: 'keysetMs' | 'offsetMs'): string =>
    (median(results.at(-1)?.[key] ?? []) / median(results[0]?.[key] ?? [])).toFixed(2);
  const charted = results.flatMap(({ depth, keysetMs, offsetMs }): DepthResult[] => [
    { depth, way: 'keyset', p50Ms: median(keysetMs) },
    { depth, way: 'OFFSET', p50Ms: median(offsetMs) },
  ]);
  const title = `A page of 20 of ${PRODUCTS} products, ${engine}`;
  writeFileSync(new URL(`../depth-${engine}.svg`, import.meta.url), await depthChart(title, charted));
  console.log(`deepest to first: keyset ${ratio('keysetMs')}, OFFSET ${ratio('offsetMs')}`);
};

const folder = mkdtempSync(join(tmpdir(), 'lab-depth-'));
const db = openDatabase<CatalogTables>(
  process.env.BENCH_DATABASE_URL ?? `sqlite:${join(folder, 'depth.db')}`,
);
try {
  await migrate(db, [catalogMigrations]);
  console.log(`A page of 20 of ${PRODUCTS} products by price, on ${engineOf(db)}`);
  await loadSample(db, PRODUCTS);
  await report(engineOf(db), await measure(db));
} finally {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
}
