/** Sets up a database as the demo does, at the same time as other processes. */
import { once } from 'node:events';
import { openDemoDatabase, stockShop } from '../src/index.ts';

const [url = ''] = process.argv.slice(2);
process.send?.('ready');
await once(process, 'message');
const db = await openDemoDatabase(url, {});
await stockShop(
  db,
  { SEED_PRODUCTS: 3_000, SEED_GIFTS: true, SEED_PROMO_CODES: true },
  { now: () => new Date() },
);
await db.destroy();
process.send?.('stocked');
process.disconnect();
