import type { Executor } from '@lab/shared/database';
import { sql } from 'kysely';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { InventoryTables } from './inventory-tables.ts';

const OUTCOMES = ['held', 'insufficient', 'confirmed', 'released', 'expired'] as const;

type Outcome = (typeof OUTCOMES)[number];

export const createReservationMetrics = (registry: Registry) => {
  const total = new Counter({
    name: 'reservations_total',
    help: 'Reservations by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of OUTCOMES) total.inc({ outcome }, 0);
  const held = new Gauge({
    name: 'reservations_held',
    help: 'Reservations that hold goods, counted at each sweep',
    registers: [registry],
  });
  return {
    count: (outcome: Outcome, by = 1): void => total.inc({ outcome }, by),
    measureHeld: async (db: Executor<InventoryTables>): Promise<void> => {
      const { count } = await db
        .selectFrom('reservations')
        .select((row) => row.fn.countAll<number>().as('count'))
        .where('status', '=', sql.lit('held'))
        .executeTakeFirstOrThrow();
      held.set(Number(count));
    },
  };
};

export type ReservationMetrics = ReturnType<typeof createReservationMetrics>;
