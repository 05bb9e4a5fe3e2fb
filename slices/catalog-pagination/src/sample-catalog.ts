import { type Executor, engineOf, runSetup, transact } from '@lab/shared/database';
import { sql } from 'kysely';
import { createSortIndexes, dropSortIndexes } from './page-statements.ts';
import { createProductStore } from './product-store.ts';
import type { CatalogTables, CategoryRow, ProductRow } from './product-tables.ts';

/** Departments, their aisles and the shelves of each aisle: three levels with 60 shelves. */
const tree: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Snacks: {
    Salty: 'Crisps, Pretzels, Popcorn, Crackers, Seaweed',
    Nuts: 'Almonds, Cashews, Peanuts, Walnuts, Trail mix',
    Sweet: 'Chocolate, Fudge, Nougat, Liquorice, Biscuits',
  },
  'Ice cream': {
    Tubs: 'Dairy, Sorbet, Frozen yoghurt, Vegan, Gelato',
    'On a stick': 'Ice pops, Cream bars, Fruit bars, Almond bars, Mini bars',
    'Cones and toppings': 'Waffle cones, Wafers, Sauces, Sprinkles, Sandwiches',
  },
  'Art supplies': {
    Drawing: 'Pencils, Charcoal, Ink, Pastels, Erasers',
    Painting: 'Watercolour, Gouache, Acrylic, Oil, Brushes',
    Surfaces: 'Sketchbooks, Canvas, Paper, Boards, Easels',
  },
  Drinks: {
    Cold: 'Lemonade, Iced tea, Juice, Water, Cola',
    Hot: 'Coffee, Black tea, Herbal tea, Cocoa, Chai',
    'To mix': 'Syrup, Tonic, Ginger beer, Bitters, Soda',
  },
};

const slug = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

const under = (parent: CategoryRow, name: string): CategoryRow => ({
  id: `${parent.id}.${slug(name)}`,
  parent_id: parent.id,
  name,
});

const aislesOf = (department: CategoryRow, aisles: Readonly<Record<string, string>>): CategoryRow[] =>
  Object.entries(aisles).flatMap(([aisleName, shelves]) => {
    const aisle = under(department, aisleName);
    return [aisle, ...shelves.split(', ').map((shelf) => under(aisle, shelf))];
  });

/** All categories, parents before children: `snacks`, `snacks.salty`, `snacks.salty.crisps`. */
export const sampleCategories: readonly CategoryRow[] = Object.entries(tree).flatMap(([name, aisles]) => {
  const department = { id: slug(name), parent_id: null, name };
  return [department, ...aislesOf(department, aisles)];
});

const shelves = sampleCategories.filter(({ id }) => id.split('.').length === 3);

const kinds = ['Classic', 'Organic', 'Family', 'Travel', 'Winter', 'Summer', 'Village', 'Harbour', 'Golden'];
const makers = ['Aster', 'Birch', 'Clover', 'Dune', 'Elm', 'Fern', 'Grove', 'Heather', 'Iris', 'Juniper'];

/** Hashes a number to 32 bits (the finalizer of MurmurHash3, by Austin Appleby): randomness without state. */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const pick = <Item>(items: readonly Item[], chance: number): Item => {
  const item = items[chance % items.length];
  if (item === undefined) throw new RangeError('cannot pick from an empty list');
  return item;
};

const FIRST_DAY_MS = Date.UTC(2020, 0, 1);
const SECONDS_APART = 200;
const ARRIVING_TOGETHER = 8;

/** A UUIDv7 (RFC 9562, section 5.7) of a time. Its random bits depend only on the number. */
const idOf = (createdAtMs: number, number: number): string => {
  const time = hex(createdAtMs, 12);
  const [a, b] = [mix(number), mix(number ^ 0x5bd1e995)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a & 0xfff, 3)}-8${hex(b & 0xfff, 3)}-${hex(a, 8)}${hex(b >>> 16, 4)}`;
};

/**
 * The sample product with this number, 1 or higher; always the same. Eight products share each creation time, prices
 * are round and a tenth is sold in EUR, so that many products share a sort key.
 */
export const sampleProduct = (number: number): ProductRow => {
  const chance = mix(number);
  const created_at = FIRST_DAY_MS + Math.floor(number / ARRIVING_TOGETHER) * SECONDS_APART * 1000;
  const shelf = pick(shelves, chance);
  const model = `${pick(makers, chance >>> 8)} ${100 + (mix(chance) % 900)}`;
  return {
    id: idOf(created_at, number),
    sku: `LAB-${String(number).padStart(8, '0')}`,
    name: `${pick(kinds, chance >>> 4)} ${shelf.name.toLowerCase()} ${model}`,
    category_id: shelf.id,
    currency: number % 10 === 0 ? 'EUR' : 'USD',
    price_minor: 95 + 25 * (mix(chance ^ 0x9e3779b9) % 400),
    in_stock: chance % 7 === 0 ? 0 : 1,
    created_at,
  };
};

/** The number in a sample product's sku; 0 for any other sku. */
const sampleNumber = (sku: string): number => Number(/^LAB-(\d{8})$/.exec(sku)?.[1] ?? 0);

const ROWS_PER_TRANSACTION = 10_000;
const ROWS_PER_STATEMENT = 1_000;
// From this size on, it is faster to drop the indexes and rebuild them.
const LEAST_BULK_ROWS = 20_000;

export interface LoadOptions {
  /** Called after each transaction with the number of sample products that are loaded. */
  readonly onProgress?: (loaded: number) => void;
  /** Stops after the current transaction. The next call continues from there. */
  readonly signal?: AbortSignal;
}

/** How many sample products are loaded. They are loaded in order, so the last one has the count. */
const countLoaded = async (db: Executor<CatalogTables>): Promise<number> => {
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

const loadBatch = (db: Executor<CatalogTables>, after: number, count: number): Promise<void> =>
  transact(db, async (trx) => {
    // Postgres may have cached a plan for a smaller table, which would scan the table although it has grown since.
    if (engineOf(trx) === 'postgres') await sql`set local plan_cache_mode = force_custom_plan`.execute(trx);
    for (let done = 0; done < count; done += ROWS_PER_STATEMENT) {
      const products = numbers(after + done, Math.min(ROWS_PER_STATEMENT, count - done)).map(sampleProduct);
      await createProductStore(trx).addMissing(products);
    }
  });

/**
 * Loads the first `count` products of the sample with their categories. Existing rows do not change. It commits batch
 * by batch, so a load that was stopped or killed continues where it ended. (Given a transaction, it joins that
 * transaction, and everything commits at once.) A large load drops the indexes of the sorts and rebuilds them at the
 * end. Lists are slow in the meantime. If the load fails or is killed, they stay slow until it runs again or a server
 * starts. Resolves with the number of sample products that are loaded.
 */
export const loadSample = async (
  db: Executor<CatalogTables>,
  count: number,
  { onProgress = () => undefined, signal }: LoadOptions = {},
): Promise<number> => {
  await createProductStore(db).addCategories(sampleCategories);
  let loaded = await countLoaded(db);
  if (count - loaded >= Math.max(LEAST_BULK_ROWS, loaded)) await runSetup(db, dropSortIndexes);
  while (loaded < count && !signal?.aborted) {
    const next = Math.min(ROWS_PER_TRANSACTION, count - loaded);
    await loadBatch(db, loaded, next);
    loaded += next;
    onProgress(loaded);
    // SQLite calls are synchronous, so yield to signals and requests here.
    await new Promise(setImmediate);
  }
  await runSetup(db, createSortIndexes);
  if (engineOf(db) === 'postgres') await sql`analyze products, category_listings`.execute(db);
  return loaded;
};

/**
 * Runs at the start of a server: loads the sample into an empty catalog, and builds missing indexes. It is one
 * transaction, so other processes never see a part of the sample, and a killed start leaves nothing behind.
 */
export const prepareCatalog = (db: Executor<CatalogTables>, count: number): Promise<void> =>
  runSetup(db, async (trx) => {
    const some = await trx.selectFrom('products').select('id').limit(1).execute();
    if (some.length === 0) await loadSample(trx, count);
    else await createSortIndexes(trx);
  });
