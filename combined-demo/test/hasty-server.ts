/** Launches the demo's carts with a bug: a change is acknowledged first and committed a moment later. */
import { randomUUIDv7 } from 'node:crypto';
import { type CartStore, createCartRouter, createCartStore, createFixedPriceList } from '@lab/cart-pricing';
import { loadSettings } from '@lab/shared/config';
import { callerOptions, createApp, createCallers, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { combinedDemoSettings, openDemoDatabase } from '../src/index.ts';

const COMMITTED_LATER_MS = 50;

const hasty = (carts: CartStore): CartStore => ({
  ...carts,
  add: async (userId, item) => {
    setTimeout(() => void carts.add(userId, item), COMMITTED_LATER_MS);
    return { ok: true, cart: await carts.read(userId) };
  },
});

await launch(async () => {
  const { values: settings } = loadSettings(combinedDemoSettings);
  const { logger, registry } = observeServer('hasty-carts', settings);
  const db = await openDemoDatabase(settings.DATABASE_URL, {});
  const carts = hasty(createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 }));
  const prices = createFixedPriceList();
  const router = createCartRouter({ carts, prices, callers: createCallers(callerOptions(settings)) });
  const about = { title: 'Hasty carts', description: 'A planted bug.', version: '0.0.0' };
  const deps = { routers: [router], logger, registry, health: createHealth({}) };
  await serve(createApp({ ...about, ...networkOptions(settings) }, deps), networkOptions(settings));
});
