/**
 * Measures pages of a category with subcategories in three designs: a listing under each ancestor (the design of this
 * slice), a merge of one index range per subcategory, and an IN list. Also measures what the listings cost for writes.
 */
import { transact } from '@lab/shared/database';
import { keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import { type CatalogTables, createProductStore, sampleCategories, sorts } from '../src/index.ts';
import { sampleProduct } from '../src/sample-catalog.ts';
import { p50InTurns } from './timing.ts';

type Database = Kysely<CatalogTables>;

const LEVELS = { 'leaf shelf': 'snacks.nuts.walnuts', aisle: 'snacks.nuts', department: 'snacks' };
const COUNT = 21;
const BATCH = 1_000;
const order = keysetOrder(sorts.price_asc);

const below = (category: string): string[] =>
  sampleCategories.map(({ id }) => id).filter((id) => `${id}.`.startsWith(`${category}.`));

const deepIn = async (db: Database, category: string): Promise<Position> => {
  const listed = db.selectFrom('category_listings').where('listed_in', '=', category);
  const ofCurrency = listed.where('currency', '=', 'USD');
  const { count } = await ofCurrency.select(db.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  const row = await ofCurrency
    .select(['price_minor', 'id'])
    .orderBy(order)
    .limit(1)
    .offset(Math.floor(Number(count) * 0.9))
    .executeTakeFirstOrThrow();
  return [row.price_minor, row.id];
};

const byListings = (db: Database, category: string, after?: Position) => () =>
  createProductStore(db).page({ sort: 'price_asc', currency: 'USD', category, count: COUNT, after });

const byMerge = (db: Database, category: string, after?: Position) => {
  const part = (one: string) => {
    const range = db.selectFrom('products').selectAll().where('category_id', '=', one);
    const bounded = range.where('currency', '=', 'USD').orderBy(order).limit(COUNT);
    const later = after ? bounded.where(keysetAfter(sorts.price_asc, after)) : bounded;
    return db.selectFrom(later.as('part')).selectAll();
  };
  const [first = category, ...others] = below(category);
  const merged = others.reduce((union, one) => union.unionAll(part(one)), part(first));
  const query = merged.orderBy(order).limit(COUNT).compile();
  return () => db.executeQuery(query);
};

const byList = (db: Database, category: string) => {
  const listed = db.selectFrom('products').selectAll().where('category_id', 'in', below(category));
  const query = listed.where('currency', '=', 'USD').orderBy(order).limit(COUNT).compile();
  return () => db.executeQuery(query);
};

const printPages = async (db: Database): Promise<void> => {
  const levels = await Promise.all(
    Object.entries(LEVELS).map(async ([name, id]) => ({ name, id, deep: await deepIn(db, id) })),
  );
  const both = (read: (...of: Parameters<typeof byListings>) => () => Promise<unknown>) =>
    p50InTurns(
      200,
      levels.flatMap(({ id, deep }) => [read(db, id), read(db, id, deep)]),
    );
  const listings = await both(byListings);
  const merges = await both(byMerge);
  const lists = await p50InTurns(
    5,
    levels.map(({ id }) => byList(db, id)),
  );
  console.log('page of 20, p50 ms    listings: first / deep    merge: first / deep   IN list: first');
  levels.forEach(({ name }, index) => {
    const pairs = [listings, merges].flatMap((times) => times.slice(2 * index, 2 * index + 2));
    const cells = [...pairs, lists[index]].map((cell) => cell?.toFixed(3).padStart(12));
    console.log(name.padEnd(20) + cells.join(''));
  });
};

let batches = 0;

/** The next batch: products from all over the first million, each at a new price. */
const repriced = () => {
  batches += 1;
  return Array.from({ length: BATCH }, (_, index) => ({
    ...sampleProduct(1 + ((batches * 7_919 + index * 104_729) % 1_000_000)),
    price_minor: 100_000 + batches,
  }));
};

const printWrites = async (name: string, write: (batch: ReturnType<typeof repriced>) => Promise<unknown>) => {
  const [one = 0] = await p50InTurns(200, [() => write(repriced().slice(0, 1))]);
  const [many = 0] = await p50InTurns(9, [() => write(repriced())]);
  const perProduct = (many / BATCH).toFixed(3);
  console.log(
    `${name.padEnd(22)} one, durable: ${one.toFixed(2)} ms   in a batch of ${BATCH}: ${perProduct} ms`,
  );
};

const upsertAlone = (db: Database, batch: ReturnType<typeof repriced>) =>
  transact(db, (trx) =>
    trx
      .insertInto('products')
      .values(batch)
      .onConflict((conflict) =>
        conflict.column('sku').doUpdateSet(({ ref }) => ({
          name: ref('excluded.name'),
          category_id: ref('excluded.category_id'),
          price_minor: ref('excluded.price_minor'),
          in_stock: ref('excluded.in_stock'),
        })),
      )
      .execute(),
  );

/** Needs a throwaway database: afterward the listings no longer match the products. */
export const compareDesigns = async (db: Database): Promise<void> => {
  console.log('upsert of products, p50');
  await printWrites('with listings', (batch) => createProductStore(db).upsert(batch));
  for (const [sort, [{ column }]] of Object.entries(sorts)) {
    const index = db.schema.createIndex(`category_${sort}`).on('products');
    if (sort !== 'price_desc') await index.columns(['category_id', 'currency', column, 'id']).execute();
  }
  await printPages(db);
  await printWrites('for a merge', (batch) => upsertAlone(db, batch));
};
