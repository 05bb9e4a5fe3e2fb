/** One of several processes that buy from the same stock. Sends what became of its buyers. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { openDatabase, transact } from '@lab/shared/database';
import { openRedis } from '@lab/shared/redis';
import { createReservations, gateOn, InsufficientStockError, STRATEGIES, strategyOf } from '../src/index.ts';
import type { InventoryTables } from '../src/inventory-tables.ts';
import type { Strategy } from '../src/strategies/strategy.ts';

const [url = '', name = '', redisUrl = '', prefix = '', plan = ''] = process.argv.slice(2);
const { carts, hold } = JSON.parse(plan);

/** Reads, decides and writes: the bug that the race must show. */
const planted: Strategy = {
  take: async (trx, { sku, quantity }) => {
    const row = await trx.selectFrom('stock').selectAll().where('sku', '=', sku).executeTakeFirst();
    if (row === undefined || row.on_hand - row.reserved < quantity) return undefined;
    return trx
      .updateTable('stock')
      .set({ reserved: row.reserved + quantity })
      .where('sku', '=', sku)
      .returningAll()
      .executeTakeFirst();
  },
};

const db = openDatabase<InventoryTables>(url);
const redis = openRedis(redisUrl, { timeoutMs: 2000 });
const known = STRATEGIES.find((one) => one === name);
const strategy = known ? strategyOf(known, { gate: gateOn(redis), prefix }) : planted;
const reservations = createReservations({ strategy, now: () => new Date(), newId: randomUUID });

const buy = async (lines: { sku: string; quantity: number }[]): Promise<string> => {
  try {
    await transact(db, (trx) => reservations.reserve(trx, lines, hold));
    return 'held';
  } catch (error) {
    if (error instanceof InsufficientStockError) return 'short';
    return error instanceof Error ? error.message : String(error);
  }
};

await db.selectFrom('stock').selectAll().execute();
process.send?.('ready');
await once(process, 'message');
const outcomes = await Promise.all(carts.map(buy));
process.send?.(outcomes);
await db.destroy();
await redis[Symbol.asyncDispose]();
process.disconnect();
