import { type Executor, forUpdate, type Param, prepareQuery } from '@lab/shared/database';
import { sql, type Transaction } from 'kysely';
import type { InventoryTables, Line } from './inventory-tables.ts';

/** Databases limit the number of parameters of a statement. */
const MOST_AT_ONCE = 10_000;

/** Most of the time there are none, which is cheaper to see than that there are none of some skus. */
const anyOverdue = prepareQuery((db: Executor<InventoryTables>, param: Param<{ nowMs: number }>) =>
  db
    .selectFrom('reservations')
    .select('id')
    // A literal: a partial index does not serve a parameter.
    .where('status', '=', sql.lit('held'))
    .where('expires_at', '<=', param('nowMs'))
    .limit(sql.lit(1)),
);

/**
 * Ends held reservations whose time is over: those that hold one of the skus, or any. Resolves with their lines, which
 * the caller must give back to the stock in this transaction. Rows of reservations are locked in the order of ids.
 */
export const expireOverdue = async (
  trx: Transaction<InventoryTables>,
  {
    now,
    skus,
    limit = MOST_AT_ONCE,
  }: { readonly now: Date; readonly skus?: readonly string[]; readonly limit?: number },
): Promise<{ readonly count: number; readonly lines: readonly Line[] }> => {
  const nowMs = now.getTime();
  if ((await anyOverdue(trx, { nowMs })).length === 0) return { count: 0, lines: [] };
  let overdue = trx
    .selectFrom('reservations as r')
    .select('r.id')
    .where('r.status', '=', sql.lit('held'))
    .where('r.expires_at', '<=', nowMs)
    .orderBy('r.id')
    .limit(limit);
  if (skus !== undefined)
    overdue = overdue.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('reservation_lines as l')
          .select('l.sku')
          .whereRef('l.reservation_id', '=', 'r.id')
          .where('l.sku', 'in', skus),
      ),
    );
  const ids = (await overdue.$call(forUpdate(trx)).execute()).map(({ id }) => id);
  if (ids.length === 0) return { count: 0, lines: [] };
  await trx
    .updateTable('reservations')
    .set({ status: 'expired', ended_at: nowMs })
    .where('id', 'in', ids)
    .execute();
  const lines = await trx
    .selectFrom('reservation_lines')
    .select(['sku', 'quantity'])
    .where('reservation_id', 'in', ids)
    .execute();
  return { count: ids.length, lines };
};
