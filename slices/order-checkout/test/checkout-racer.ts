/** One of several processes in which shoppers check out the same shop. Sends what became of each. */
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { type CartTables, createCartStore } from '@lab/cart-pricing';
import type { InventoryTables } from '@lab/inventory-reservation';
import { CheckoutRefusedError, type CheckoutSteps } from '../src/index.ts';
import { deps, openPlainCheckout, plainSteps } from './plain-checkout.ts';

const [url = '', bug = '', plan = ''] = process.argv.slice(2);
const shoppers: { userId: number; key: string }[] = JSON.parse(plan);

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

const { db, buy } = openPlainCheckout(url, {
  ...plainSteps,
  ...(bug === 'check-then-act' && { stock: checkThenAct }),
  ...(bug === 'cart read before its lock' && { cart: readBeforeLock }),
});

const outcomeOf = async ({ userId, key }: { userId: number; key: string }): Promise<string> => {
  try {
    const outcome = await buy(userId, key);
    return 'response' in outcome ? `order ${outcome.response.body}` : outcome.state;
  } catch (error) {
    if (error instanceof CheckoutRefusedError) return error.refusal.code;
    return error instanceof Error ? error.message : String(error);
  }
};

await db.selectFrom('stock').selectAll().execute();
process.send?.('ready');
await once(process, 'message');
const outcomes = await Promise.all(shoppers.map(outcomeOf));
process.send?.(outcomes);
await db.destroy();
process.disconnect();
