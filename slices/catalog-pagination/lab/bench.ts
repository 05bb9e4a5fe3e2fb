/**
 * `node --run bench`: measures the catalog with 1,100,000 products. A tenth is sold in EUR, so that 990,000 are in the
 * list. Uses the database of `BENCH_DATABASE_URL`, which must be empty, or else a SQLite file that is removed at the
 * end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineOf, migrate, openDatabase } from '@lab/shared/database';
import { type CatalogTables, catalogMigrations, loadSample } from '../src/index.ts';
import { compareDesigns } from './category-designs.ts';
import { measureDepths } from './depth.ts';

const PRODUCTS = 1_100_000;

const folder = mkdtempSync(join(tmpdir(), 'lab-catalog-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const file = join(folder, 'catalog.db');
// Building an index over millions of rows, or sorting them for an OFFSET, may take long.
const patient = { statementTimeoutMs: 600_000 };
const db = openDatabase<CatalogTables>(process.env.BENCH_DATABASE_URL ?? `sqlite:${file}`, patient);
try {
  await migrate(db, [catalogMigrations]);
  const title = `${PRODUCTS} products by price, on ${engineOf(db)}`;
  const startedAtMs = performance.now();
  await loadSample(db, PRODUCTS);
  console.log(`${title}, loaded in ${((performance.now() - startedAtMs) / 1000).toFixed(0)} s`);
  await measureDepths(db, title);
  await compareDesigns(db);
} finally {
  await db.destroy();
}
