import { engineOf, transact } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import { createSortIndexes, dropSortIndexes } from './keyset-pages.ts';
import { type CatalogTables, createProductStore } from './product-store.ts';
import { sampleCategories, sampleNumber, sampleProduct } from './sample-catalogue.ts';

const ROWS_PER_TRANSACTION = 10_000;
const ROWS_PER_STATEMENT = 1_000;
// From here on building the indexes anew is the faster way.
const LEAST_BULK_ROWS = 50_000;

export interface LoadOptions {
  /** Told after each transaction how many of the sample's products are there. */
  readonly onProgress?: (loaded: number) => void;
  /** Stops after the transaction under way; the next call goes on there. */
  readonly signal?: AbortSignal;
}

/** How many of the sample are loaded: they come in order, so that the last one tells. */
const countLoaded = async (db: Kysely<CatalogTables>): Promise<number> => {
  const ofSample = db
    .selectFrom('products')
    .select('sku')
    .where('sku', '>=', 'LAB-')
    .where('sku', '<', 'LAB-:');
  const [last] = await ofSample.orderBy('sku', 'desc').limit(1).execute();
  return sampleNumber(last?.sku ?? '');
};

const numbers = (after: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => after + index + 1);

const loadBatch = (db: Kysely<CatalogTables>, after: number, count: number): Promise<void> =>
  transact(db, async (trx) => {
    for (let done = 0; done < count; done += ROWS_PER_STATEMENT) {
      const products = numbers(after + done, Math.min(ROWS_PER_STATEMENT, count - done)).map(sampleProduct);
      await createProductStore(trx).addMissing(products);
    }
  });

/** Long statements of an offline task: Postgres would end them as it ends those of requests. */
const withoutTimeout = (db: Kysely<CatalogTables>, work: (trx: Kysely<CatalogTables>) => Promise<void>) =>
  transact(db, async (trx) => {
    if (engineOf(trx) === 'postgres') await sql`set local statement_timeout = 0`.execute(trx);
    await work(trx);
  });

/**
 * Loads the first `count` products of the sample with their categories; what is there already stays as it is. Each
 * transaction is whole, so a load that was stopped, or killed, goes on where it ended. A large load works without the
 * indexes of the sorts and builds them at its end: lists are slow meanwhile, and stay so if it is killed until it or
 * a server starts again. Resolves with how many of the sample are there.
 */
export const loadSample = async (
  db: Kysely<CatalogTables>,
  count: number,
  { onProgress = () => undefined, signal }: LoadOptions = {},
): Promise<number> => {
  await createProductStore(db).addCategories(sampleCategories);
  let loaded = await countLoaded(db);
  if (count - loaded >= Math.max(LEAST_BULK_ROWS, loaded)) await withoutTimeout(db, dropSortIndexes);
  try {
    while (loaded < count && !signal?.aborted) {
      const next = Math.min(ROWS_PER_TRANSACTION, count - loaded);
      await loadBatch(db, loaded, next);
      loaded += next;
      onProgress(loaded);
      // SQLite never gives way by itself: let signals and requests in.
      await new Promise(setImmediate);
    }
  } finally {
    await withoutTimeout(db, createSortIndexes);
  }
  if (engineOf(db) === 'postgres') await sql`analyze products`.execute(db);
  return loaded;
};

/** What a server does at its start: the sample into an empty catalogue, and missing indexes. */
export const prepareCatalogue = async (db: Kysely<CatalogTables>, count: number): Promise<void> => {
  const some = await db.selectFrom('products').select('id').limit(1).execute();
  if (some.length === 0) await loadSample(db, count);
  else await withoutTimeout(db, createSortIndexes);
};
