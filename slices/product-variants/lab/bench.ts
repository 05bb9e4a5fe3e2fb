/**
 * `node --run bench`: measures pages and facets of `products` (default 1,000,000) sample products with three attributes
 * each, on the database of `BENCH_DATABASE_URL`, which must be empty, or else on a SQLite file that is removed at the end.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogMigrations, loadSample } from '@lab/catalog-pagination';
import { productVariantsMigrations, type VariantTables } from '@lab/product-variants';
import { engineOf, migrate, openDatabase, runSetup } from '@lab/shared/database';
import { type Kysely, sql, type Transaction } from 'kysely';
import { type AttributeFilter, searchPage } from '../src/search/attribute-query.ts';
import { countFacets } from '../src/search/facets.ts';

const PRODUCTS = Number(process.env.products || 1_000_000);
const ROUNDS = 15;

type Database = Kysely<VariantTables>;

/**
 * Attributes by the number of the product: color (8 values) and size (5) are frequent, brand (1,000 values) is rare.
 * Color `last` is only on the oldest eighth, and size `never` is never on a product of color `last`.
 */
const fill = async (db: Transaction<VariantTables>): Promise<void> => {
  const number = sql`cast(substr(sku, 5) as integer)`;
  const value: Readonly<Record<string, ReturnType<typeof sql>>> = {
    color: sql`case when ${number} < ${PRODUCTS / 8} then 'last' else 'color-' || (${number} % 7) end`,
    size: sql`case when ${number} >= ${PRODUCTS / 2} and ${number} % 5 = 0 then 'never' else 'size-' || (${number} % 4) end`,
    brand: sql`'brand-' || (${number} % 1000)`,
  };
  await sql`drop index attribute_listings_value`.execute(db);
  for (const [name, of] of Object.entries(value)) {
    await sql`insert into attribute_listings (product_id, name, variant_id, value)
      select id, cast(${name} as text), '', ${of} from products order by id`.execute(db);
  }
  await sql`create index attribute_listings_value on attribute_listings (name, value, product_id, variant_id)`.execute(
    db,
  );
};

const has = (name: string, ...values: string[]): AttributeFilter => ({ name, values });

const cases: Readonly<Record<string, readonly AttributeFilter[]>> = {
  'two frequent values': [has('color', 'color-3'), has('size', 'size-2')],
  'frequent and rare': [has('color', 'color-3'), has('brand', 'brand-7')],
  // As many as facets count exactly.
  '10,000 matches': [
    has('brand', ...Array.from({ length: 10 }, (_, number) => `brand-${number}`)),
    has('size', 'size-0', 'size-1', 'size-2', 'size-3', 'never'),
  ],
  'all matches at the end': [has('color', 'last'), has('size', 'size-1')],
  'frequent, none in common': [has('color', 'last'), has('size', 'never')],
};

const median = async (work: () => Promise<unknown>): Promise<string> => {
  const times: number[] = [];
  await work();
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAtMs = performance.now();
    await work();
    times.push(performance.now() - startedAtMs);
  }
  return (times.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? 0).toFixed(1).padStart(9);
};

const measure = async (db: Database): Promise<void> => {
  console.log(`${'p50 ms'.padEnd(28)}   newest    price     name   facets of color and size, complete`);
  for (const [name, attributes] of Object.entries(cases)) {
    const page = (sort: 'newest' | 'price_asc' | 'name_asc') =>
      median(() => searchPage(db, { sort, currency: 'USD', attributes, count: 21 }));
    const pages = [await page('newest'), await page('price_asc'), await page('name_asc')].join('');
    const facets = () => countFacets(db, ['color', 'size'], { currency: 'USD', attributes });
    const { isComplete } = await facets();
    console.log(`${name.padEnd(28)}${pages}${await median(facets)}   ${isComplete}`);
  }
  const none = () => countFacets(db, ['color', 'size'], { currency: 'USD', attributes: [] });
  const shelf = () =>
    countFacets(db, ['color', 'size'], { currency: 'USD', category: 'snacks.nuts.walnuts', attributes: [] });
  console.log(
    `${'no filter'.padEnd(28)}${' '.repeat(27)}${await median(none)}   ${(await none()).isComplete}`,
  );
  console.log(
    `${'a category'.padEnd(28)}${' '.repeat(27)}${await median(shelf)}   ${(await shelf()).isComplete}`,
  );
};

const folder = mkdtempSync(join(tmpdir(), 'lab-variants-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const url = process.env.BENCH_DATABASE_URL ?? `sqlite:${join(folder, 'variants.db')}`;
// Filling and indexing millions of rows takes longer than a request may.
const db = openDatabase<VariantTables>(url, { statementTimeoutMs: 600_000 });
try {
  await migrate(db, [catalogMigrations, productVariantsMigrations]);
  const startedAtMs = performance.now();
  await loadSample(db, PRODUCTS);
  await runSetup(db, fill);
  if (engineOf(db) === 'postgres') await sql`vacuum analyze`.execute(db);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  console.log(`${PRODUCTS} products of 3 attributes on ${engineOf(db)}, loaded in ${seconds} s`);
  await measure(db);
} finally {
  await db.destroy();
}
