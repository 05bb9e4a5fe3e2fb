import { type Executor, transact } from '@lab/shared/database';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import { sql } from 'kysely';
import type { InventoryTables } from './inventory-tables.ts';
import type { ReservationMetrics } from './reservation-metrics.ts';
import type { Reservations } from './reservations.ts';

/** Other writers get their turn between batches. */
const BATCH = 100;

export interface OverdueSweeperDeps {
  readonly db: Executor<InventoryTables>;
  readonly reservations: Reservations;
  readonly metrics: ReservationMetrics;
  readonly onError: (error: unknown) => void;
}

/** Whether there is something to sweep, so that an idle shop writes nothing. */
const hasOverdue = async (db: Executor<InventoryTables>, now: Date): Promise<boolean> => {
  const first = db
    .selectFrom('reservations')
    .select('id')
    .where('status', '=', sql.lit('held'))
    .where('expires_at', '<=', now.getTime())
    .limit(1);
  return (await first.executeTakeFirst()) !== undefined;
};

/**
 * Gives back the goods of overdue reservations, batch by batch. It only tidies up: overdue reservations block nobody in
 * any case. Any number of processes can run it on one database.
 */
export const startOverdueSweeper = (
  { db, reservations, metrics, onError }: OverdueSweeperDeps,
  { intervalMs }: { readonly intervalMs: number },
): PeriodicTask =>
  runPeriodically(
    async (signal) => {
      while (!signal.aborted && (await hasOverdue(db, reservations.now()))) {
        const count = await transact(db, (trx) => reservations.expire(trx, { limit: BATCH }));
        metrics.count('expired', count);
      }
      await metrics.measureHeld(db);
    },
    { intervalMs, onError },
  );
