/** `make seed products=N`: fills this slice's database. Ctrl-C stops it; running it again continues from there. */
import { loadSettings } from '@lab/shared/config';
import { migrate, openDatabase } from '@lab/shared/database';
import {
  type CatalogTables,
  catalogMigrations,
  catalogPaginationSettings,
  loadSample,
} from '../src/index.ts';

const { values: settings } = loadSettings(catalogPaginationSettings);
const count = Number(process.env.products ?? settings.SEED_PRODUCTS);
if (!Number.isSafeInteger(count) || count < 0 || count > 10_000_000) {
  console.error('products must be a whole number from 0 to 10000000');
  process.exit(2);
}

const stop = new AbortController();
process.on('SIGINT', () => stop.abort()).on('SIGTERM', () => stop.abort());

const BAR_WIDTH = 40;
let lastTenth = -1;

const show = (loaded: number): void => {
  const share = loaded / count;
  if (process.stdout.isTTY) {
    const bar = '#'.repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, '.');
    process.stdout.write(`\r[${bar}] ${loaded} of ${count}`);
    return;
  }
  const tenth = Math.floor(share * 10);
  if (tenth > lastTenth) console.log(`${loaded} of ${count} products`);
  lastTenth = tenth;
};

const db = openDatabase<CatalogTables>(settings.DATABASE_URL);
await migrate(db, [catalogMigrations]);
const startedAtMs = performance.now();
const loaded = await loadSample(db, count, { onProgress: show, signal: stop.signal });
await db.destroy();
if (process.stdout.isTTY) console.log();
const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
console.log(`The database has ${loaded} sample products, after ${seconds} s.`);
if (stop.signal.aborted && loaded < count) {
  console.log('Stopped. Run the same command again to continue.');
  process.exitCode = 130;
}
