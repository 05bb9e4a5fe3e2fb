import type { IdempotencyTables, OnceDeps } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import type { Callers, ContractRouter, ServerContext } from '@lab/shared/http';
import type { Cursors } from '@lab/shared/pagination';
import { createCheckout } from './checkout.ts';
import { createCheckoutMetrics } from './checkout-metrics.ts';
import type { OrderTables } from './order-tables.ts';
import { startExpirySweeper } from './orders/expiry-sweeper.ts';
import { createOrders, type Orders, type OrdersDeps } from './orders/orders.ts';
import { createOrderRouter } from './routes/order-router.ts';
import type { CheckoutSteps } from './steps/checkout-steps.ts';

export interface CheckoutServer extends Pick<ServerContext<unknown>, 'registry' | 'logger' | 'resources'> {
  readonly settings: { readonly PAYMENT_WINDOW_MS: number; readonly ORDER_SWEEP_INTERVAL_MS: number };
}

export interface CheckoutDeps {
  readonly db: Executor<OrderTables & IdempotencyTables>;
  readonly steps: CheckoutSteps;
  readonly idempotency: OnceDeps['idempotency'];
  readonly callers: Callers;
  readonly cursorsOf: (list: string) => Cursors;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Called in the transaction that cancels a paid order, or marks it as refunded. Often there is nothing left to refund. */
  readonly onRefundWanted?: OrdersDeps['onRefundWanted'];
}

export interface RunningCheckout {
  readonly orders: Orders;
  readonly router: ContractRouter;
}

/** Checkout and orders of a server. Orders expire in the background until the server stops. */
export const startCheckout = (
  { settings, registry, logger, resources }: CheckoutServer,
  deps: CheckoutDeps,
): RunningCheckout => {
  const { db, steps, now, cursorsOf } = deps;
  const metrics = createCheckoutMetrics(registry);
  const orders = createOrders({ steps, now, metrics, onRefundWanted: deps.onRefundWanted });
  const checkout = createCheckout(steps, deps, { paymentWindowMs: settings.PAYMENT_WINDOW_MS });
  const onError = (err: unknown) => logger.error({ err }, 'could not expire orders');
  const sweeper = startExpirySweeper(
    { db: db.withTables<OrderTables>(), orders, now, onError },
    { intervalMs: settings.ORDER_SWEEP_INTERVAL_MS },
  );
  resources.defer(() => sweeper.stop());
  return {
    orders,
    router: createOrderRouter({
      ...deps,
      checkout,
      orders,
      metrics,
      codeProblems: steps.discount.problems,
      cursors: cursorsOf('orders'),
    }),
  };
};
