/**
 * Problem: two tabs, or two servers, read the same cart, each adds to what it read, and the later write overwrites the
 * earlier one.
 * Guarantees: each change first locks the cart's row (on SQLite it is the only writer), so changes to one cart run one
 * after another and none is lost, without retries. Within a process, changes to the same cart wait in a queue in front
 * of the database, so that a busy cart uses one connection of the pool and not all of them. With `expectedVersion` a
 * client refuses to change any version of the cart other than the one it read. A cart holds up to 100 lines with
 * quantities of 1 to 10,000, all in one currency. A refused change writes nothing.
 * Does NOT guarantee: anything about prices. They are not stored; the price list supplies them when a cart is shown.
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
import { sql, type Transaction } from 'kysely';
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
  /** 0 for a cart that was never changed; each change increments it. */
  readonly version: number;
  /** ISO 4217; null while the cart is empty. */
  readonly currency: string | null;
  /** In the order in which the products were first added. */
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

/** The changed cart, or the reason why it was not changed. */
export type CartOutcome = { readonly ok: true; readonly cart: Cart } | CartRefusal;

/** The effect of a change: the cart's new currency and the write to its lines, or the reason for a refusal. */
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
  /** Ends the wait for other changes to the cart, for example when the client has disconnected. */
  readonly signal?: AbortSignal;
}

const cartRows = prepareQuery((db: Executor<CartTables>, param: Param<{ userId: number }>) =>
  db
    .selectFrom('carts')
    .leftJoin('cart_items', 'cart_items.user_id', 'carts.user_id')
    .select(['version', 'currency', 'updated_at', 'id', 'sku', 'quantity'])
    .where('carts.user_id', '=', param('userId'))
    // Ids are not monotonic within a millisecond, but unlike timestamps they are unique.
    .orderBy('created_at')
    .orderBy('id'),
);

type Emptied = { userId: number; version: number; now: number };

const deleteItems = prepareQuery((db: Executor<CartTables>, param: Param<Emptied>) =>
  db.deleteFrom('cart_items').where('user_id', '=', param('userId')),
);

const markEmpty = prepareQuery((db: Executor<CartTables>, param: Param<Emptied>) =>
  db
    .updateTable('carts')
    .set({ version: param('version'), currency: sql<null>`null`, updated_at: param('now') })
    .where('user_id', '=', param('userId')),
);

/** Builds a cart from its rows, one per line. There are no rows for a user who never had a cart. */
const fromRows = (userId: number, rows: Awaited<ReturnType<typeof cartRows>>): Cart => {
  const [cart] = rows;
  if (cart === undefined) return { userId, version: 0, currency: null, items: [], updatedAt: null };
  const items = rows.flatMap(({ id, sku, quantity }) =>
    id === null || sku === null || quantity === null ? [] : [{ id, sku, quantity }],
  );
  const updatedAt = cart.updated_at === null ? null : new Date(cart.updated_at);
  return { userId, version: cart.version, currency: cart.currency, items, updatedAt };
};

/** Reads in one statement, so that the version and the lines are consistent. */
const readCart = async (db: Executor<CartTables>, userId: number): Promise<Cart> =>
  fromRows(userId, await cartRows(db, { userId }));

/** Locks the row of a cart until the transaction ends. False if the cart has no row yet. */
const lockCart = async (trx: Transaction<CartTables>, userId: number): Promise<boolean> => {
  const lock = trx.selectFrom('carts').select('user_id').where('user_id', '=', userId);
  return (await lock.$call(forUpdate(trx)).execute()).length > 0;
};

/** Inserts the row that a lock needs. Waits for another transaction that is inserting the same row. */
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
  /** Where changes to one cart wait, by user id. */
  readonly queue?: KeyedQueue;
}

/**
 * Carts by user. Given a transaction, the store works inside it, and the caller commits or rolls back. A change rejects
 * with a lock timeout (see isLockTimeout) if it waits too long or if too many changes to the same cart are waiting.
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
        // There was no row to lock. Another transaction may have created one in the meantime, so decide again.
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

    /** Reads the cart under its lock, for a transaction of the caller's: nobody changes it until the commit. */
    readLocked: (userId: number): Promise<Cart> =>
      transact(db, async (trx) => {
        await lockCart(trx, userId);
        return readCart(trx, userId);
      }),

    /** Removes all lines, for the transaction that has read them by `readLocked`. */
    empty: ({ userId, version }: Cart): Promise<void> =>
      transact(db, async (trx) => {
        const emptied = { userId, version: version + 1, now: now().getTime() };
        await deleteItems(trx, emptied);
        await markEmpty(trx, emptied);
      }),

    /** Adds a line, or increases the quantity of the sku's line. `currency` is the currency of the sku's price. */
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

    /** Sets the quantity of a line. A line in another user's cart counts as not found. */
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

    /** Removes a line. Removing the last line also clears the cart's currency. */
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
