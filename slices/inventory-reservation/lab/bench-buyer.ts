/** One of two processes that reserve as fast as they can. Prints how many reservations there were. */
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import {
  createReservations,
  gateOn,
  type InventoryTables,
  STRATEGIES,
  strategyOf,
} from '@lab/inventory-reservation';
import { openDatabase, transact } from '@lab/shared/database';
import { openRedis } from '@lab/shared/redis';
import { StockContentionError } from '../src/strategies/strategy.ts';

const BUYERS = 8;
const [url = '', name = '', skus = '1', seconds = '2'] = process.argv.slice(2);
const { REDIS_URL } = process.env;

const db = openDatabase<InventoryTables>(url);
await using resources = new AsyncDisposableStack();
const redis = REDIS_URL ? resources.use(openRedis(REDIS_URL, { timeoutMs: 2000 })) : undefined;
const strategy = strategyOf(STRATEGIES.find((one) => one === name) ?? 'conditional', {
  gate: redis && gateOn(redis),
  prefix: `bench-${process.ppid}:`,
});
const reservations = createReservations({ strategy, now: () => new Date(), newId: randomUUIDv7 });

let held = 0;
let gaveUp = 0;
const buy = async (): Promise<void> => {
  const sku = `SKU-${Math.floor(Math.random() * Number(skus))}`;
  try {
    await transact(db, (trx) => reservations.reserve(trx, [{ sku, quantity: 1 }], 3_600_000));
    held += 1;
  } catch (error) {
    if (!(error instanceof StockContentionError)) throw error;
    gaveUp += 1;
  }
};

await db.selectFrom('stock').select('sku').limit(1).execute();
process.send?.('ready');
await once(process, 'message');
const endsAtMs = performance.now() + Number(seconds) * 1000;
const keepBuying = async (): Promise<void> => {
  while (performance.now() < endsAtMs) await buy();
};
await Promise.all(Array.from({ length: BUYERS }, keepBuying));
process.send?.({ held, gaveUp });
await db.destroy();
process.disconnect();
