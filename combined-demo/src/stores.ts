import { randomUUIDv7 } from 'node:crypto';
import type { Accounts } from '@lab/accounts';
import { createCartStore, shopPrices } from '@lab/cart-pricing';
import { createCatalogPriceList, createProductStore } from '@lab/catalog-pagination';
import { createIdempotency } from '@lab/gift-grant';
import { withVariantPrices } from '@lab/product-variants';
import { createPromoStore } from '@lab/promo-rate-limit';
import type { Executor } from '@lab/shared/database';
import { callerOptions, createCallers } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';

const listedSkus = shopPrices.map(({ sku }) => sku);

/** The prices of products and variants. On a transaction they are read inside it. */
export const pricesOn = (db: Executor<DemoTables>) =>
  withVariantPrices(db, createCatalogPriceList(createProductStore(db), listedSkus));

/** Creates everything that the routers of the slices depend on, all on one database. */
export const createDemoStores = (
  db: Kysely<DemoTables>,
  settings: CombinedDemoSettings,
  { verifyToken }: Pick<Accounts, 'verifyToken'>,
) => {
  const now = () => new Date();
  const newId = randomUUIDv7;
  const products = createProductStore(db);
  return {
    now,
    newId,
    products,
    prices: pricesOn(db),
    carts: createCartStore(db, { now, newId }),
    promos: createPromoStore(db, { now, newId }),
    idempotency: createIdempotency({ now }, { ttlMs: settings.IDEMPOTENCY_TTL_MS }),
    callers: createCallers(callerOptions(settings), { verifyToken }),
    promoCallers: createCallers({ ...callerOptions(settings), realm: 'promo' }, { verifyToken }),
    cursorsOf: (list: string) => createCursors({ secret: settings.CURSOR_SECRET, list }),
  };
};
