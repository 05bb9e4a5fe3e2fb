import type { Kysely } from 'kysely';

interface NaiveCart {
  readonly user_id: number;
  readonly version: number;
  readonly quantity: number;
  readonly unit_price: string;
}

/** A cart with a single product is enough to show lost updates. */
export type NaiveTables = { naive_carts: NaiveCart };

interface Addition {
  readonly quantity: number;
  /** As the client sent it. */
  readonly unitPrice: string;
  readonly expectedVersion?: number;
}

// #region heart
/** Reads the cart, adds to it in memory and writes it back, at the price that the client sent. */
export const addNaively = async (db: Kysely<NaiveTables>, user_id: number, item: Addition) => {
  const read = db.selectFrom('naive_carts').selectAll().where('user_id', '=', user_id);
  const cart = await read.executeTakeFirstOrThrow();
  if (item.expectedVersion !== undefined && item.expectedVersion !== cart.version) return 409;
  const changed = { quantity: cart.quantity + item.quantity, version: cart.version + 1 };
  const write = db.updateTable('naive_carts').set({ ...changed, unit_price: item.unitPrice });
  await write.where('user_id', '=', user_id).execute();
  return 201;
};
// #endregion
