import type { OnceDeps } from '@lab/gift-grant';
import type { Callers, ContractRouter, ServerContext } from '@lab/shared/http';
import type { Cursors } from '@lab/shared/pagination';
import type { Redis } from '@lab/shared/redis';
import { startOverdueSweeper } from './overdue-sweeper.ts';
import { createReservationMetrics } from './reservation-metrics.ts';
import { createReservations, type Reservations } from './reservations.ts';
import { createReservationRouter } from './routes/reservation-router.ts';
import { createStockRouter, type InventoryDatabase } from './routes/stock-router.ts';
import type { AvailabilityListener } from './stock/stock-rows.ts';
import { createStockStore, type StockStore } from './stock/stock-store.ts';
import { type StrategyName, strategyOf } from './strategies/by-name.ts';
import type { GateStore } from './strategies/redis-gate.ts';

export interface InventoryServer extends Pick<ServerContext<unknown>, 'registry' | 'logger' | 'resources'> {
  readonly settings: {
    readonly INVENTORY_STRATEGY: StrategyName;
    readonly RESERVATION_TTL_MS: number;
    readonly RESERVATION_SWEEP_INTERVAL_MS: number;
  };
}

export interface InventoryDeps {
  readonly db: InventoryDatabase;
  readonly idempotency: OnceDeps['idempotency'];
  readonly callers: Callers;
  readonly cursorsOf: (list: string) => Cursors;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly redis?: Redis | undefined;
  /** Called in the transaction when a sku has run out or is available again. */
  readonly onAvailability?: AvailabilityListener;
}

export interface Inventory {
  readonly reservations: Reservations;
  readonly stock: StockStore;
  readonly stockRouter: ContractRouter;
  readonly reservationRouter: ContractRouter;
}

/** The connection as the store of the gate. */
export const gateOn = ({ run }: Redis): GateStore => ({
  evaluate: (script, keys, args) => run((client) => client.eval(script, { keys, arguments: args })),
});

/** Stores and routers of this slice, with the strategy of the settings. Overdue reservations are swept until the server stops. */
export const startInventory = (
  { settings, registry, logger, resources }: InventoryServer,
  { redis, ...deps }: InventoryDeps,
): Inventory => {
  const { db } = deps;
  const strategy = strategyOf(settings.INVENTORY_STRATEGY, redis && { gate: gateOn(redis) });
  const reservations = createReservations({ ...deps, strategy });
  const metrics = createReservationMetrics(registry);
  const sweeper = startOverdueSweeper(
    {
      db,
      reservations,
      metrics,
      onError: (error) => logger.error({ err: error }, 'could not expire overdue reservations'),
    },
    { intervalMs: settings.RESERVATION_SWEEP_INTERVAL_MS },
  );
  resources.defer(() => sweeper.stop());
  const stockDeps = { ...deps, reservations };
  return {
    reservations,
    stock: createStockStore(db, stockDeps),
    stockRouter: createStockRouter(stockDeps),
    reservationRouter: createReservationRouter(
      { ...stockDeps, metrics },
      { ttlMs: settings.RESERVATION_TTL_MS },
    ),
  };
};
