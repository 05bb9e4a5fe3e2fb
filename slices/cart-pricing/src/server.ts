import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { type CartTables, createCartStore } from './cart-store.ts';
import { cartPricingSettings } from './config.ts';
import { cartMigrations } from './migrations.ts';
import { createFixedPriceList } from './price-list.ts';
import { tag } from './quote-contract.ts';
import { createCartRouter } from './router.ts';

await serve({
  name: 'cart-pricing',
  title: 'Cart and pricing',
  description: tag.description,
  settings: cartPricingSettings,
  start: async (server) => {
    const db = await startDatabase<CartTables>(server, [cartMigrations]);
    const carts = createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 });
    const callers = createCallers(callerOptions(server.settings));
    return [createCartRouter({ carts, prices: createFixedPriceList(), callers })];
  },
});
