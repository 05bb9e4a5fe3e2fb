/** Launches the demo's carts with a bug: changes are acknowledged before they are committed. */
import { randomUUIDv7 } from 'node:crypto';
import { type CartStore, createCartRouter, createCartStore, createFixedPriceList } from '@lab/cart-pricing';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { combinedDemoSettings, type DemoTables, demoMigrations } from '../src/index.ts';

const COMMITTED_LATER_MS = 50;

const hasty = (carts: CartStore): CartStore => ({
  ...carts,
  add: async (userId, item) => {
    setTimeout(() => void carts.add(userId, item), COMMITTED_LATER_MS);
    return { ok: true, cart: await carts.read(userId) };
  },
});

await serve({
  name: 'hasty-carts',
  title: 'Hasty carts',
  description: 'Carts with a planted bug.',
  settings: combinedDemoSettings,
  start: async (server) => {
    const db = await startDatabase<DemoTables>(server, demoMigrations);
    const carts = hasty(createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 }));
    const callers = createCallers(callerOptions(server.settings));
    return [createCartRouter({ carts, prices: createFixedPriceList(), callers })];
  },
});
