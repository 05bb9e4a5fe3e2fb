/** One of several processes in which shoppers check out the same shop. Sends what became of each, race by race. */
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { type CartTables, createCartStore } from '@lab/cart-pricing';
import {
  createReservations,
  gateOn,
  type InventoryTables,
  STRATEGIES,
  strategyOf,
} from '@lab/inventory-reservation';
import { DatabaseUnavailableError, openDatabase } from '@lab/shared/database';
import { openRedis } from '@lab/shared/redis';
import { z } from 'zod';
import { CheckoutRefusedError, type CheckoutSteps, defaultSteps, type ShopTables } from '../src/index.ts';
import { deps, plainCheckout, plainSteps } from './plain-checkout.ts';

export interface RacerTask {
  /** The name of a strategy, or of a planted bug. */
  readonly how: string;
  readonly shoppers: readonly { readonly userId: number; readonly key: string }[];
}

const [url = '', redisUrl = '', prefix = ''] = process.argv.slice(2);

/** Reads, decides and writes: sells the last item as often as it is read. */
const checkThenAct: CheckoutSteps['stock'] = {
  ...plainSteps.stock,
  reserve: async (trx, lines) => {
    const inventory = trx.withTables<InventoryTables>();
    for (const { sku, quantity } of lines) {
      const find = inventory.selectFrom('stock').selectAll().where('sku', '=', sku);
      const row = await find.executeTakeFirstOrThrow();
      if (row.on_hand - row.reserved < quantity) throw new Error('short');
      const reserved = row.reserved + quantity;
      await inventory.updateTable('stock').set({ reserved }).where('sku', '=', sku).execute();
    }
    return randomUUIDv7();
  },
};

const readBeforeLock: CheckoutSteps['cart'] = {
  ...plainSteps.cart,
  readLocked: async (trx, userId) => {
    const read = await createCartStore(trx.withTables<CartTables>(), deps).read(userId);
    await plainSteps.cart.readLocked(trx, userId);
    return read;
  },
};

const openGate = async (): Promise<ReturnType<typeof gateOn>> => {
  const redis = openRedis(redisUrl, { timeoutMs: 2000 });
  if (!redis.isReady) await once(redis.client, 'ready');
  return gateOn(redis);
};

const gate = redisUrl === '' ? undefined : await openGate();

const stepsOf = (how: string): CheckoutSteps => {
  if (how === 'check-then-act') return { ...plainSteps, stock: checkThenAct };
  if (how === 'cart read before its lock') return { ...plainSteps, cart: readBeforeLock };
  const strategy = strategyOf(z.enum(STRATEGIES).parse(how), { gate, prefix });
  return defaultSteps(createReservations({ ...deps, strategy }), deps);
};

/** Too many others wait for a connection: the shopper has no answer, and asks again with the key. */
const isNoAnswer = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError && error.trouble === 'no_connection';

const run = ({ how, shoppers }: RacerTask): Promise<string[]> => {
  const buy = plainCheckout(db, stepsOf(how));
  const outcomeOf = async ({ userId, key }: RacerTask['shoppers'][number]): Promise<string> => {
    try {
      const outcome = await buy(userId, key);
      if (outcome.state === 'in_use') return outcomeOf({ userId, key });
      return 'response' in outcome ? `order ${outcome.response.body}` : outcome.state;
    } catch (error) {
      if (isNoAnswer(error)) return outcomeOf({ userId, key });
      if (error instanceof CheckoutRefusedError) return error.refusal.code;
      return error instanceof Error ? error.message : String(error);
    }
  };
  return Promise.all(shoppers.map(outcomeOf));
};

const db = openDatabase<ShopTables>(url);
await db.selectFrom('stock').selectAll().execute();
process.on('message', async (task: RacerTask) => process.send?.(await run(task)));
process.send?.('ready');
