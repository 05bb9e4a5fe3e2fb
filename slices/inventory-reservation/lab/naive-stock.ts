import type { Kysely } from 'kysely';

export type NaiveTables = { naive_stock: { sku: string; left: number } };

export interface Wanted {
  readonly sku: string;
  readonly quantity: number;
}

// #region heart
/** Looks how much is left, then takes it, line by line. */
export const naiveReserve = async (db: Kysely<NaiveTables>, lines: readonly Wanted[]): Promise<boolean> => {
  for (const { sku, quantity } of lines) {
    const row = db.selectFrom('naive_stock').select('left').where('sku', '=', sku);
    const { left } = await row.executeTakeFirstOrThrow();
    if (left < quantity) return false;
    await db
      .updateTable('naive_stock')
      .set({ left: left - quantity })
      .where('sku', '=', sku)
      .execute();
  }
  return true;
};
// #endregion

/** Puts the goods back, as often as it is asked to. */
export const naiveRelease = async (db: Kysely<NaiveTables>, lines: readonly Wanted[]): Promise<void> => {
  for (const { sku, quantity } of lines) {
    await db
      .updateTable('naive_stock')
      .set((row) => ({ left: row('left', '+', quantity) }))
      .where('sku', '=', sku)
      .execute();
  }
};
