/** The naive way beside the pattern: both walk one shop, newest first, while products arrive and leave between two pages. */
import { migrate, openDatabase } from '@lab/shared/database';
import {
  type CatalogTables,
  catalogMigrations,
  createProductStore,
  loadSample,
  type ProductRow,
} from '../src/index.ts';
import { sampleProduct } from '../src/sample-catalogue.ts';

const PRODUCTS = 2_000;
const PAGE = 20;

type ReadPage = (shown: readonly ProductRow[]) => Promise<readonly ProductRow[]>;

const openShop = async () => {
  const db = openDatabase<CatalogTables>('sqlite::memory:');
  await migrate(db, [catalogMigrations]);
  await loadSample(db, PRODUCTS);
  return { db, products: createProductStore(db) };
};

type Shop = Awaited<ReturnType<typeof openShop>>;

const byOffset =
  ({ db }: Shop): ReadPage =>
  (shown) =>
    db
      .selectFrom('products')
      .selectAll()
      .where('currency', '=', 'USD')
      .orderBy('created_at', 'desc')
      .limit(PAGE)
      .offset(shown.length)
      .execute();

const byKeyset =
  ({ products }: Shop): ReadPage =>
  (shown) => {
    const last = shown.at(-1);
    const after = last && [last.created_at, last.id];
    return products.page({ sort: 'newest', currency: 'USD', count: PAGE, after });
  };

const walk = async (name: string, waysToRead: (shop: Shop) => ReadPage): Promise<void> => {
  const shop = await openShop();
  const there = await shop.db.selectFrom('products').select('id').where('currency', '=', 'USD').execute();
  const readPage = waysToRead(shop);
  const shown: ProductRow[] = [];
  for (let page = await readPage(shown); page.length > 0; page = await readPage(shown)) {
    shown.push(...page);
    const pages = Math.ceil(shown.length / PAGE);
    if (pages % 2 === 0) {
      await shop.products.upsert([{ ...sampleProduct(PRODUCTS + pages), currency: 'USD' }]);
    } else {
      const sold = shown.slice(-2).map(({ id }) => id);
      await shop.db.deleteFrom('products').where('id', 'in', sold).execute();
    }
  }
  const ids = new Set(shown.map(({ id }) => id));
  const missed = there.filter(({ id }) => !ids.has(id)).length;
  console.log(`${name}: ${there.length} products, ${shown.length - ids.size} shown twice, ${missed} never`);
  await shop.db.destroy();
};

await walk('OFFSET', byOffset);
await walk('keyset', byKeyset);
