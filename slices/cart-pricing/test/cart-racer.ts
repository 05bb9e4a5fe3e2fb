import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { openDatabase } from '@lab/shared/database';
import { type CartTables, createCartStore } from '../src/cart-store.ts';

const [url = '', variant, additions] = process.argv.slice(2);
const db = openDatabase<CartTables>(url);
const carts = createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 });

const add = async (): Promise<void> => {
  const added = await carts.add(1, { sku: 'CHIPS', quantity: 1, currency: 'USD' });
  if (!added.ok) throw new Error(added.code);
};

/** The planted bug: reads the quantity, adds to it and writes it back without a lock. */
const addUnlocked = async (): Promise<void> => {
  const [line] = (await carts.read(1)).items;
  const quantity = (line?.quantity ?? 0) + 1;
  await db.updateTable('cart_items').set({ quantity }).where('user_id', '=', 1).execute();
};

await carts.read(1);
process.send?.('ready');
await once(process, 'message');
const attempt = variant === 'unlocked' ? addUnlocked : add;
await Promise.all(Array.from({ length: Number(additions) }, attempt));
process.send?.('added');
await db.destroy();
process.disconnect();
