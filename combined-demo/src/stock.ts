import { randomUUIDv7 } from 'node:crypto';
import { shopPrices } from '@lab/cart-pricing';
import { createProductStore, prepareCatalog, productOf, sampleCategories } from '@lab/catalog-pagination';
import { seedGifts } from '@lab/gift-history';
import { createReservations, createStockStore, strategyOf } from '@lab/inventory-reservation';
import { prepareVariants } from '@lab/product-variants';
import { seedPromoCodes } from '@lab/promo-rate-limit';
import { runSetup } from '@lab/shared/database';
import type { Kysely, Transaction } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';
import { createVariantStock } from './inventory.ts';

/** The catalog categories of the products in the shop's price list, by the prefix of their sku. */
const shelves = {
  'SNACK-': 'snacks',
  'ICE-': 'ice-cream',
  'ART-': 'art-supplies',
  'EU-NOUGAT-': 'snacks',
  'EU-SPECULOOS-': 'snacks',
  'EU-GOUACHE-': 'art-supplies',
  'EU-PASTEL-': 'art-supplies',
};

const categoryOf = (sku: string): string => {
  const [, category] = Object.entries(shelves).find(([prefix]) => sku.startsWith(prefix)) ?? [];
  if (category === undefined) throw new RangeError(`no category for ${sku}`);
  return category;
};

const FIRST_OFFERED_MS = Date.UTC(2026, 0, 1);

/** The shop's own products. Their ids are the same in every database, so that links to them stay valid. */
export const shopProducts = shopPrices.map((price, index) =>
  productOf(price, {
    id: `019b76da-a800-7000-8000-${String(index + 1).padStart(12, '0')}`,
    category: categoryOf(price.sku),
    createdAt: new Date(FIRST_OFFERED_MS + index * 1000),
  }),
);

const PRODUCTS_PER_STATEMENT = 1000;
const SAMPLE_QUANTITY = 100;

/** What the carts take of each product: its own sku, and those of its variants. */
const soldSkus = async (trx: Transaction<DemoTables>, afterId: string) => {
  const products = await trx
    .selectFrom('products')
    .select(['id', 'sku', 'in_stock'])
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(PRODUCTS_PER_STATEMENT)
    .execute();
  const ids = products.map(({ id }) => id);
  const variants =
    ids.length === 0
      ? []
      : await trx
          .selectFrom('product_variants')
          .select(['product_id', 'sku'])
          .where('product_id', 'in', ids)
          .execute();
  const skusOf = Map.groupBy(variants, ({ product_id }) => product_id);
  const lines = products.flatMap(({ id, sku, in_stock }) =>
    [{ sku }, ...(skusOf.get(id) ?? [])].map((sold) => ({
      sku: sold.sku,
      quantity: in_stock === 1 ? SAMPLE_QUANTITY : 0,
    })),
  );
  return { lines, lastId: ids.at(-1) };
};

/** Gives the skus that have no stock yet some, in agreement with `in_stock` of their product. */
const fillShelves = async (
  trx: Transaction<DemoTables>,
  store: ReturnType<typeof createStockStore>,
): Promise<void> => {
  for (let afterId: string | undefined = ''; afterId !== undefined; ) {
    const { lines, lastId }: Awaited<ReturnType<typeof soldSkus>> = await soldSkus(trx, afterId);
    await store.create(lines);
    afterId = lastId;
  }
};

/** The variants of the showcase have their own stock; all else gets some if there is no stock at all. */
const prepareStock = async (trx: Transaction<DemoTables>, now: () => Date): Promise<void> => {
  const deps = { now, newId: randomUUIDv7 };
  const reservations = createReservations({ ...deps, strategy: strategyOf('conditional') });
  const hasStock = await trx.selectFrom('stock').select('sku').limit(1).executeTakeFirst();
  await prepareVariants(trx, createVariantStock({ ...deps, reservations }));
  if (hasStock === undefined) await fillShelves(trx, createStockStore(trx, { ...deps, reservations }));
};

/**
 * Fills the shop: a sample catalog if there is none, the shop's own products, stock if there is
 * none, sample gifts if there are no gifts, and the sample promo codes that are missing.
 * Existing rows do not change, including their prices. Any number of processes can call this at each start, even at the
 * same time: the first one adds everything in one transaction, and the others wait for it.
 */
export const stockShop = (
  db: Kysely<DemoTables>,
  settings: Pick<CombinedDemoSettings, 'SEED_PRODUCTS' | 'SEED_GIFTS' | 'SEED_PROMO_CODES'>,
  { now }: { readonly now: () => Date },
): Promise<void> =>
  runSetup(db, async (trx) => {
    const products = createProductStore(trx);
    await prepareCatalog(trx, settings.SEED_PRODUCTS);
    await products.addCategories(sampleCategories);
    await products.addMissing(shopProducts);
    await prepareStock(trx, now);
    if (settings.SEED_GIFTS) await seedGifts(trx, { now });
    if (settings.SEED_PROMO_CODES) await seedPromoCodes(trx, { now });
  });
