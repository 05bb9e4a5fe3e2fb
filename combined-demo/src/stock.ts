import { shopPrices } from '@lab/cart-pricing';
import { createProductStore, prepareCatalog, productOf, sampleCategories } from '@lab/catalog-pagination';
import { seedGifts } from '@lab/gift-history';
import { createStockTable, prepareVariants } from '@lab/product-variants';
import { seedPromoCodes } from '@lab/promo-rate-limit';
import { runSetup } from '@lab/shared/database';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';

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

/**
 * Fills the shop: a sample catalog if there is none, the shop's own products, sample gifts if there are no
 * gifts, and the sample promo codes that are missing.
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
    await prepareVariants(trx, createStockTable());
    if (settings.SEED_GIFTS) await seedGifts(trx, { now });
    if (settings.SEED_PROMO_CODES) await seedPromoCodes(trx, { now });
  });
