import { randomUUIDv7 } from 'node:crypto';
import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf, migrate, openDatabase, ping } from '@lab/shared/database';
import { callerOptions, createApp, createCallers, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { type CartTables, cartMigrations, createCartStore } from './cart-store.ts';
import { cartPricingSettings } from './config.ts';
import { createFixedPriceList } from './price-list.ts';
import { createCartRouter } from './router.ts';

await launch(async () => {
  const { values: settings } = loadSettings(cartPricingSettings);
  const { logger, registry } = observeServer('cart-pricing', settings);
  const db = openDatabase<CartTables>(settings.DATABASE_URL, databaseOptions(settings, logger));
  await migrate(db, [cartMigrations]);
  const router = createCartRouter({
    carts: createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 }),
    prices: createFixedPriceList(),
    callers: createCallers(callerOptions(settings)),
  });

  const about = { title: 'Cart and pricing', description: 'Prices carts and keeps them.', version: '0.1.0' };
  const network = networkOptions(settings);
  const health = createHealth({ database: () => ping(db) });
  const app = createApp({ ...about, ...network }, { routers: [router], logger, registry, health });
  await serve(app, { ...network, details: { database: engineOf(db) }, close: () => db.destroy() });
});
