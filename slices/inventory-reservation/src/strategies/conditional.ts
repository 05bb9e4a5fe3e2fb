/**
 * Problem: whoever reads the stock, decides and then writes has decided on an old number.
 * Guarantees: the condition is part of the UPDATE, so the database checks it on the row that it changes. Two buyers of
 * the last item both run it; the second one changes no row.
 * Cost: one statement for each line. On Postgres, buyers of one sku wait for each other's commit.
 */
import { sql } from 'kysely';
import type { Strategy } from './strategy.ts';

export const conditional: Strategy = {
  take: (trx, { sku, quantity }) =>
    trx
      .updateTable('stock')
      .set({ reserved: sql`reserved + ${quantity}`, version: sql`version + 1` })
      .where('sku', '=', sku)
      .where(sql<boolean>`on_hand - reserved >= ${quantity}`)
      .returningAll()
      .executeTakeFirst(),
};
