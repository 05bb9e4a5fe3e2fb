/**
 * Problem: two tabs, or two servers, read one cart, each adds to what it read, and the later write undoes the other.
 * Guarantees: each change locks the cart's row first (on SQLite it is the only writer), so changes of one cart come
 * one after another and none is lost, without a retry. Within a process they wait in a queue in front of the database,
 * so that one busy cart takes one connection of the pool and not all. `expectedVersion` is for the client: it refuses
 * a change to a cart other than the one that was seen. A cart holds up to 100 lines of 1 to 10,000, all of one
 * currency. A refused change writes nothing.
 * Does NOT guarantee: anything about prices. They are not stored, but asked of the price list when a cart is shown.
 */
import {
  createKeyedQueue,
  type Executor,
  forUpdate,
  type KeyedQueue,
  type Param,
  prepareQuery,
  transact,
} from '@lab/shared/database';
import type { Transaction } from 'kysely';
import { MAX_LINES, MAX_QUANTITY } from './cart-limits.ts';

export type CartTables = {
  carts: { user_id: number; version: number; currency: string | null; updated_at: number | null };
  cart_items: { id: string; user_id: number; sku: string; quantity: number; created_at: number };
};

interface CartItem {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface Cart {
  readonly userId: number;
  /** 0 for a cart that was never changed; grows by one with each change. */
  readonly version: number;
  /** ISO 4217; null while the cart is empty. */
  readonly currency: string | null;
  /** In the order in which they were first added. */
  readonly items: readonly CartItem[];
  /** Null at version 0. */
  readonly updatedAt: Date | null;
}

type CartRefusal =
  | { readonly ok: false; readonly code: 'version_conflict'; readonly currentVersion: number }
  | { readonly ok: false; readonly code: 'quantity_out_of_range'; readonly quantity: number }
  | { readonly ok: false; readonly code: 'mixed_currency'; readonly cartCurrency: string }
  | { readonly ok: false; readonly code: 'cart_full' }
  | { readonly ok: false; readonly code: 'item_not_found' };

/** The cart as it is now, or why it is as it was. */
export type CartOutcome = { readonly ok: true; readonly cart: Cart } | CartRefusal;

/** What a change does to a cart: the currency it leaves and the line it writes; or why it is refused. */
type Decision =
  | {
      readonly ok: true;
      readonly currency: string | null;
      readonly write: (trx: Transaction<CartTables>) => Promise<unknown>;
    }
  | CartRefusal;

interface Change {
  /** Refuse the change unless the cart is at this version. */
  readonly expectedVersion?: number | undefined;
  /** Ends the wait behind other changes of the cart, for a client that has left. */
  readonly signal?: AbortSignal;
}

const cartRows = prepareQuery((db: Executor<CartTables>, param: Param<{ userId: number }>) =>
  db
    .selectFrom('carts')
    .leftJoin('cart_items', 'cart_items.user_id', 'carts.user_id')
    .select(['version', 'currency', 'updated_at', 'id', 'sku', 'quantity'])
    .where('carts.user_id', '=', param('userId'))
    // Ids are not monotonic within a millisecond, but unlike times they differ.
    .orderBy('created_at')
    .orderBy('id'),
);

/** The rows of one cart, a row a line; none for a user who never had one. */
const fromRows = (userId: number, rows: Awaited<ReturnType<typeof cartRows>>): Cart => {
  const [cart] = rows;
  if (cart === undefined) return { userId, version: 0, currency: null, items: [], updatedAt: null };
  const items = rows.flatMap(({ id, sku, quantity }) =>
    id === null || sku === null || quantity === null ? [] : [{ id, sku, quantity }],
  );
  const updatedAt = cart.updated_at === null ? null : new Date(cart.updated_at);
  return { userId, version: cart.version, currency: cart.currency, items, updatedAt };
};

/** One statement, so that version and lines are of one moment. */
const readCart = async (db: Executor<CartTables>, userId: number): Promise<Cart> =>
  fromRows(userId, await cartRows(db, { userId }));

/** Locks the row of a cart until the transaction ends. False if the cart has no row yet. */
const lockCart = async (trx: Transaction<CartTables>, userId: number): Promise<boolean> => {
  const lock = trx.selectFrom('carts').select('user_id').where('user_id', '=', userId);
  return (await lock.$call(forUpdate(trx)).execute()).length > 0;
};

/** Gives a new cart the row that a lock needs. Waits for another transaction that is doing the same. */
const createCart = async (trx: Transaction<CartTables>, userId: number): Promise<void> => {
  const row = { user_id: userId, version: 0, currency: null, updated_at: null };
  await trx
    .insertInto('carts')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

const outOfRange = (quantity: number) => quantity < 1 || quantity > MAX_QUANTITY;

export interface CartStoreDeps {
  readonly now: () => Date;
  readonly newId: () => string;
  /** In which changes of one cart wait, by user id. */
  readonly queue?: KeyedQueue;
}

/**
 * Carts by user. Made on a transaction, it works inside of that one, and its opener commits or not. A change rejects
 * with a lock timeout (see isLockTimeout) if it waits too long, or too many changes of the same cart wait already.
 */
export const createCartStore = (
  db: Executor<CartTables>,
  { now, newId, queue = createKeyedQueue({ waitMs: 5000 }) }: CartStoreDeps,
) => {
  const change = (
    userId: number,
    { expectedVersion, signal }: Change,
    decide: (cart: Cart) => Decision,
  ): Promise<CartOutcome> => {
    const decideAtVersion = (cart: Cart): Decision =>
      expectedVersion === undefined || expectedVersion === cart.version
        ? decide(cart)
        : { ok: false, code: 'version_conflict', currentVersion: cart.version };

    const work = async (trx: Transaction<CartTables>): Promise<CartOutcome> => {
      const isLocked = await lockCart(trx, userId);
      let cart = await readCart(trx, userId);
      let decision = decideAtVersion(cart);
      if (decision.ok && !isLocked) {
        // There was no row to lock. Another transaction may have made one in the meantime, so decide again.
        await createCart(trx, userId);
        await lockCart(trx, userId);
        cart = await readCart(trx, userId);
        decision = decideAtVersion(cart);
      }
      if (!decision.ok) return decision;
      await decision.write(trx);
      const row = { version: cart.version + 1, currency: decision.currency, updated_at: now().getTime() };
      await trx.updateTable('carts').set(row).where('user_id', '=', userId).execute();
      return { ok: true, cart: await readCart(trx, userId) };
    };
    const changeCart = () => transact(db, work, { signal });
    return db.isTransaction ? changeCart() : queue.run(String(userId), changeCart, signal);
  };

  return {
    read: (userId: number): Promise<Cart> => readCart(db, userId),

    /** Adds a line, or to the line that the sku has. `currency` is that of the sku's price. */
    add: (userId: number, item: { sku: string; quantity: number; currency: string } & Change) =>
      change(userId, item, (cart) => {
        const { sku, currency } = item;
        if (cart.currency !== null && cart.currency !== currency) {
          return { ok: false, code: 'mixed_currency', cartCurrency: cart.currency };
        }
        const line = cart.items.find((other) => other.sku === sku);
        if (line === undefined && cart.items.length >= MAX_LINES) return { ok: false, code: 'cart_full' };
        const quantity = item.quantity + (line?.quantity ?? 0);
        if (outOfRange(quantity)) return { ok: false, code: 'quantity_out_of_range', quantity };
        const write = (trx: Transaction<CartTables>) => {
          if (line)
            return trx.updateTable('cart_items').set({ quantity }).where('id', '=', line.id).execute();
          const row = { id: newId(), user_id: userId, sku, quantity, created_at: now().getTime() };
          return trx.insertInto('cart_items').values(row).execute();
        };
        return { ok: true, currency, write };
      }),

    /** Sets what a line holds. Another user's line is not found, like one that is not there. */
    setQuantity: (
      userId: number,
      { itemId, quantity, ...options }: { itemId: string; quantity: number } & Change,
    ) =>
      change(userId, options, ({ items, currency }) => {
        if (!items.some(({ id }) => id === itemId)) return { ok: false, code: 'item_not_found' };
        if (outOfRange(quantity)) return { ok: false, code: 'quantity_out_of_range', quantity };
        const write = (trx: Transaction<CartTables>) =>
          trx.updateTable('cart_items').set({ quantity }).where('id', '=', itemId).execute();
        return { ok: true, currency, write };
      }),

    /** Takes a line out. The last one takes the cart's currency with it. */
    remove: (userId: number, { itemId, ...options }: { itemId: string } & Change) =>
      change(userId, options, ({ items, currency }) => {
        if (!items.some(({ id }) => id === itemId)) return { ok: false, code: 'item_not_found' };
        const write = (trx: Transaction<CartTables>) =>
          trx.deleteFrom('cart_items').where('id', '=', itemId).execute();
        return { ok: true, currency: items.length > 1 ? currency : null, write };
      }),
  };
};

export type CartStore = ReturnType<typeof createCartStore>;
