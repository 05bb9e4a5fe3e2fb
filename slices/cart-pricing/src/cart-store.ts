/**
 * Problem: two tabs, or two servers, read one cart, each adds to what it read, and the later write undoes the other.
 * Guarantees: each change locks the cart's row first (on SQLite it is the only writer), so changes of one cart come
 * one after another and none is lost, without a retry. `expectedVersion` is for the client: it refuses a change to
 * a cart other than the one that was seen. A line holds 1 to 10,000, and all lines have one currency.
 * Does NOT guarantee: anything about prices. They are not stored, but asked of the price list when a cart is shown.
 */
import { type Executor, forUpdate, type Param, prepareQuery, transact } from '@lab/shared/database';
import type { Transaction } from 'kysely';

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
  | { readonly ok: false; readonly code: 'item_not_found' };

type RefusalCode = CartRefusal['code'];
type Refused<Code extends RefusalCode> = Extract<CartRefusal, { readonly code: Code }>;

/** The cart as it is now, or why it is as it was. */
export type CartOutcome<Code extends RefusalCode = RefusalCode> =
  | { readonly ok: true; readonly cart: Cart }
  | Refused<'version_conflict'>
  | Refused<Code>;

/** Most of one sku that a cart holds. */
export const MAX_QUANTITY = 10_000;

/** Writes the change of a line and says which currency the cart has then; or refuses, and writes nothing. */
type Edit<Code extends RefusalCode> = (
  trx: Transaction<CartTables>,
  cart: Cart,
) => Promise<{ readonly ok: true; readonly currency: string | null } | Refused<Code>>;

interface Change {
  /** Refuse the change unless the cart is at this version. */
  readonly expectedVersion?: number | undefined;
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

/** One statement, so that version and lines are of one moment. */
const readCart = async (db: Executor<CartTables>, userId: number): Promise<Cart> => {
  const rows = await cartRows(db, { userId });
  const [cart] = rows;
  if (cart === undefined) return { userId, version: 0, currency: null, items: [], updatedAt: null };
  const items = rows.flatMap(({ id, sku, quantity }) =>
    id === null || sku === null || quantity === null ? [] : [{ id, sku, quantity }],
  );
  const updatedAt = cart.updated_at === null ? null : new Date(cart.updated_at);
  return { userId, version: cart.version, currency: cart.currency, items, updatedAt };
};

/** The cart, which nobody else changes before the transaction ends. There must be a row to lock: we make it. */
const lockCart = async (trx: Transaction<CartTables>, userId: number): Promise<Cart> => {
  const row = { user_id: userId, version: 0, currency: null, updated_at: null };
  await trx
    .insertInto('carts')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const lock = trx.selectFrom('carts').select('user_id').where('user_id', '=', userId);
  await lock.$call(forUpdate(trx)).execute();
  return readCart(trx, userId);
};

const outOfRange = (quantity: number) => quantity < 1 || quantity > MAX_QUANTITY;

/** Carts by user. Made on a transaction, it works inside of that one, and its opener commits or not. */
export const createCartStore = (
  db: Executor<CartTables>,
  { now, newId }: { readonly now: () => Date; readonly newId: () => string },
) => {
  const change = <Code extends RefusalCode>(
    userId: number,
    { expectedVersion }: Change,
    edit: Edit<Code>,
  ): Promise<CartOutcome<Code>> =>
    transact(db, async (trx) => {
      const cart = await lockCart(trx, userId);
      if (expectedVersion !== undefined && expectedVersion !== cart.version) {
        return { ok: false, code: 'version_conflict', currentVersion: cart.version };
      }
      const edited = await edit(trx, cart);
      if (!edited.ok) return edited;
      const row = { version: cart.version + 1, currency: edited.currency, updated_at: now().getTime() };
      await trx.updateTable('carts').set(row).where('user_id', '=', userId).execute();
      return { ok: true, cart: await readCart(trx, userId) };
    });

  return {
    read: (userId: number): Promise<Cart> => readCart(db, userId),

    /** Adds a line, or to the line that the sku has. `currency` is that of the sku's price. */
    add: (userId: number, item: { sku: string; quantity: number; currency: string } & Change) =>
      change<'quantity_out_of_range' | 'mixed_currency'>(userId, item, async (trx, cart) => {
        const { sku, currency } = item;
        if (cart.currency !== null && cart.currency !== currency) {
          return { ok: false, code: 'mixed_currency', cartCurrency: cart.currency };
        }
        const line = cart.items.find((other) => other.sku === sku);
        const quantity = item.quantity + (line?.quantity ?? 0);
        if (outOfRange(quantity)) return { ok: false, code: 'quantity_out_of_range', quantity };
        const row = { id: newId(), user_id: userId, sku, quantity, created_at: now().getTime() };
        await (line === undefined
          ? trx.insertInto('cart_items').values(row).execute()
          : trx.updateTable('cart_items').set({ quantity }).where('id', '=', line.id).execute());
        return { ok: true, currency };
      }),

    /** Sets what a line holds. Another user's line is not found, like one that is not there. */
    setQuantity: (
      userId: number,
      { itemId, quantity, ...options }: { itemId: string; quantity: number } & Change,
    ) =>
      change<'quantity_out_of_range' | 'item_not_found'>(userId, options, async (trx, cart) => {
        if (!cart.items.some(({ id }) => id === itemId)) return { ok: false, code: 'item_not_found' };
        if (outOfRange(quantity)) return { ok: false, code: 'quantity_out_of_range', quantity };
        await trx.updateTable('cart_items').set({ quantity }).where('id', '=', itemId).execute();
        return { ok: true, currency: cart.currency };
      }),

    /** Takes a line out. The last one takes the cart's currency with it. */
    remove: (userId: number, { itemId, ...options }: { itemId: string } & Change) =>
      change<'item_not_found'>(userId, options, async (trx, cart) => {
        if (!cart.items.some(({ id }) => id === itemId)) return { ok: false, code: 'item_not_found' };
        await trx.deleteFrom('cart_items').where('id', '=', itemId).execute();
        return { ok: true, currency: cart.items.length > 1 ? cart.currency : null };
      }),
  };
};

export type CartStore = ReturnType<typeof createCartStore>;
