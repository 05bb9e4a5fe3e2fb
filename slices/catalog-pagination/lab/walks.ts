/** Reads a whole shop page by page, and reports the products shown twice or never. */
import { migrate, openDatabase } from '@lab/shared/database';
import {
  type CatalogTables,
  catalogMigrations,
  createProductStore,
  loadSample,
  type ProductRow,
} from '../src/index.ts';
import { sampleProduct } from '../src/sample-catalog.ts';
import { pageByOffset, pageByTime } from './naive-pages.ts';

const PRODUCTS = 2_000;
export const PAGE = 20;

const openShop = async () => {
  const db = openDatabase<CatalogTables>('sqlite::memory:');
  await migrate(db, [catalogMigrations]);
  await loadSample(db, PRODUCTS);
  return { db, products: createProductStore(db) };
};

type Shop = Awaited<ReturnType<typeof openShop>>;
type ReadPage = (shop: Shop, shown: readonly ProductRow[]) => Promise<readonly ProductRow[]>;

export const byOffset: ReadPage = ({ db }, shown) => pageByOffset(db, shown.length, PAGE).execute();

export const byTime: ReadPage = ({ db }, shown) =>
  pageByTime(db, shown.at(-1)?.created_at ?? Number.MAX_SAFE_INTEGER, PAGE).execute();

export const byKeyset: ReadPage = ({ products }, shown) => {
  const last = shown.at(-1);
  const after = last && [last.created_at, last.id];
  return products.page({ sort: 'newest', currency: 'USD', count: PAGE, after });
};

/** Alternates after each page: adds a product, or removes two products that were already shown. */
const changeShop = async ({ db, products }: Shop, shown: readonly ProductRow[]): Promise<void> => {
  const pages = Math.ceil(shown.length / PAGE);
  if (pages % 2 === 0) {
    await products.upsert([{ ...sampleProduct(PRODUCTS + pages), currency: 'USD' }]);
  } else {
    const gone = shown.slice(-2).map(({ id }) => id);
    await db.deleteFrom('products').where('id', 'in', gone).execute();
  }
};

/** Reads a new shop to the end. `changes` says whether products are added and removed between pages. */
export const walk = async (readPage: ReadPage, { changes }: { readonly changes: boolean }) => {
  const shop = await openShop();
  const there = await shop.db.selectFrom('products').selectAll().where('currency', '=', 'USD').execute();
  const shown: ProductRow[] = [];
  for (let page = await readPage(shop, shown); page.length > 0; page = await readPage(shop, shown)) {
    shown.push(...page);
    if (changes) await changeShop(shop, shown);
  }
  await shop.db.destroy();
  const ids = new Set(shown.map(({ id }) => id));
  return {
    there,
    shown,
    twice: shown.length - ids.size,
    never: there.filter(({ id }) => !ids.has(id)),
  };
};
