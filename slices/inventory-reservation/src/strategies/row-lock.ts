/**
 * Problem: a decision that needs more than one condition can hold does not fit in one UPDATE.
 * Guarantees: the row is locked before it is read, so nobody changes it between the decision and the write.
 * Cost: two statements for each line, and even those who find too little have waited for the lock. On SQLite the lock is
 * the transaction itself.
 */
import { forUpdate } from '@lab/shared/database';
import { sql } from 'kysely';
import type { Strategy } from './strategy.ts';

export const rowLock: Strategy = {
  take: async (trx, { sku, quantity }) => {
    const row = await trx
      .selectFrom('stock')
      .selectAll()
      .where('sku', '=', sku)
      .$call(forUpdate(trx))
      .executeTakeFirst();
    if (row === undefined || row.on_hand - row.reserved < quantity) return undefined;
    return trx
      .updateTable('stock')
      .set({ reserved: row.reserved + quantity, version: sql`version + 1` })
      .where('sku', '=', sku)
      .returningAll()
      .executeTakeFirst();
  },
};
