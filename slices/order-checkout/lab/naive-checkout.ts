import { type Kysely, sql } from 'kysely';

export type NaiveTables = {
  naive_stock: { sku: string; left: number };
  naive_carts: { user_id: number; sku: string; quantity: number };
  naive_orders: { user_id: number };
};

/** How goods are taken from the stock, after there were enough of them. */
export type Take = 'set' | 'decrement';

// #region heart
/** Reads the cart, looks whether there is enough, takes it line by line, writes the order, empties the cart. */
export const naiveCheckout = async (db: Kysely<NaiveTables>, user: number, take: Take = 'set') => {
  const cart = await db.selectFrom('naive_carts').selectAll().where('user_id', '=', user).execute();
  for (const { sku, quantity } of cart) {
    const find = db.selectFrom('naive_stock').select('left').where('sku', '=', sku);
    const { left } = await find.executeTakeFirstOrThrow();
    if (left < quantity) return;
    const next = take === 'set' ? left - quantity : sql<number>`"left" - ${quantity}`;
    await db.updateTable('naive_stock').set({ left: next }).where('sku', '=', sku).execute();
  }
  if (cart.length > 0) await db.insertInto('naive_orders').values({ user_id: user }).execute();
  await db.deleteFrom('naive_carts').where('user_id', '=', user).execute();
};
// #endregion
