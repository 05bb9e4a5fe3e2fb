/**
 * Problem: whoever reads the stock, decides and then writes has decided on an old number.
 * Guarantees: the condition is part of the UPDATE, so the database checks it on the row that it changes. Two buyers of
 * the last item both run it; the second one changes no row.
 * Cost: one statement for each line. On Postgres, buyers of one sku wait for each other's commit.
 */
import { type Executor, type Param, prepareQuery } from '@lab/shared/database';
import { sql } from 'kysely';
import type { InventoryTables, Line } from '../inventory-tables.ts';
import type { Strategy } from './strategy.ts';

const take = prepareQuery((db: Executor<InventoryTables>, param: Param<Line>) =>
  db
    .updateTable('stock')
    .set({ reserved: sql`reserved + ${param('quantity')}`, version: sql`version + 1` })
    .where('sku', '=', param('sku'))
    .where(sql<boolean>`on_hand - reserved >= ${param('quantity')}`)
    .returningAll(),
);

export const conditional: Strategy = {
  take: async (trx, line) => (await take(trx, line))[0],
};
