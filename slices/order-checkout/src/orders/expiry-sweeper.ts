import { type Executor, transact } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import { sql } from 'kysely';
import type { OrderTables } from '../order-tables.ts';
import type { Orders } from './orders.ts';

/** Other writers get their turn between orders, and the list is read again after so many. */
const BATCH = 100;

export interface ExpiryDeps {
  readonly db: Executor<OrderTables>;
  readonly orders: Pick<Orders, 'move'>;
  readonly now: () => Date;
}

const overdueIds = async (db: Executor<OrderTables>, now: Date): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('orders')
    .select('id')
    // A literal: a partial index does not serve a parameter.
    .where('status', '=', sql.lit('pending'))
    .where('expires_at', '<=', now.getTime())
    .orderBy('expires_at')
    .limit(BATCH)
    .execute();
  return rows.map(({ id }) => id);
};

/**
 * Expires the pending orders whose time is over, one transaction for each. One that was paid in the meantime is left
 * alone, because its row decides. Resolves with how many have expired. Any number of processes can run it.
 */
export const expireOrders = async (
  { db, orders, now }: ExpiryDeps,
  signal?: AbortSignal,
): Promise<number> => {
  let expired = 0;
  for (let ids = await overdueIds(db, now()); ids.length > 0; ids = await overdueIds(db, now())) {
    for (const id of ids) {
      if (signal?.aborted) return expired;
      const { ok } = await transact(db, (trx) =>
        orders.move(trx.withTables<OrderTables>(), id, { to: 'expired', actor: 'system' }),
      );
      if (ok) expired += 1;
    }
  }
  return expired;
};

/** Looks for overdue orders in the background. */
export const startExpirySweeper = (
  deps: ExpiryDeps & { readonly onError: (error: unknown) => void },
  { intervalMs }: { readonly intervalMs: number },
): PeriodicTask =>
  runPeriodically((signal) => expireOrders(deps, signal), { intervalMs, onError: deps.onError });
