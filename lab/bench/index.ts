import { benchAccounts } from './accounts.ts';
import { benchCache } from './cache.ts';
import { benchCheckout } from './checkout.ts';
import { benchEdge } from './edge.ts';
import { benchGifts } from './gifts.ts';
import { benchHttpThroughput } from './http-throughput.ts';
import { undoAll } from './leftovers.ts';
import { benchLimiter } from './limiter.ts';
import { benchProductPages } from './products-page.ts';
import { benchReliability } from './reliability.ts';
import { benchRouters } from './routers.ts';
import { benchSlice } from './slice-bench.ts';

const benchmarks = {
  http: benchHttpThroughput,
  /** The cost of a catalog page at increasing depth and in categories of each level. */
  catalog: benchSlice('catalog-pagination'),
  products: benchProductPages,
  gifts: benchGifts,
  routers: benchRouters,
  reliability: benchReliability,
  edge: benchEdge,
  cache: benchCache,
  limiter: benchLimiter,
  accounts: benchAccounts,
  /** Pages and facets with filters on attributes, of `products=` products. */
  variants: benchSlice('product-variants'),
  checkout: benchCheckout,
  /** Reservations per second of each strategy, from two processes. */
  inventory: benchSlice('inventory-reservation'),
};

// `only=http` runs one of them.
const { only } = process.env;
const chosen = Object.entries(benchmarks).filter(([name]) => only === undefined || only === name);
if (chosen.length === 0) {
  console.error(`only= must be one of ${Object.keys(benchmarks).join(', ')}`);
  process.exit(2);
}

let isInterrupted = false;
const interrupt = (code: number) => async () => {
  isInterrupted = true;
  await undoAll();
  process.exit(code);
};
process.once('SIGINT', interrupt(130)).once('SIGTERM', interrupt(143));

try {
  for (const [, run] of chosen) {
    await run();
    await undoAll();
    console.log();
  }
} catch (error) {
  // After an interrupt, the running benchmark fails because its servers are gone.
  if (!isInterrupted) throw error;
} finally {
  await undoAll();
}
