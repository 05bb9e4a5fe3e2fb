import type { OnceDeps } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import type { Callers, ContractRouter, ServerContext } from '@lab/shared/http';
import type { PaymentSettings } from './config.ts';
import { noOrders } from './orders-port.ts';
import { createPaymentMetrics } from './payment-metrics.ts';
import { createPayments, type Payments } from './payments/payments.ts';
import { createRefunds, type Refunds } from './payments/refunds.ts';
import { type CarryOut, createCarryOut } from './provider/carry-out.ts';
import type { Provider } from './provider/provider.ts';
import { createProviderAudit, type ProviderAudit } from './reconciler/provider-audit.ts';
import { createReconciler, type Reconciler } from './reconciler/reconciler.ts';
import { createPaymentRouter, type PaidOrders, type PayingTables } from './routes/payment-router.ts';
import { createRefundRouter } from './routes/refund-router.ts';
import { createWebhookRouter } from './routes/webhook-router.ts';
import { createApplyEvent } from './webhooks/apply-event.ts';
import { createInbox } from './webhooks/webhook-inbox.ts';

export interface PaymentServer extends Pick<ServerContext<unknown>, 'registry' | 'logger'> {
  readonly settings: Omit<
    PaymentSettings,
    'STRIPE_SECRET_KEY' | 'PAYMENT_PROVIDER_URL' | 'PAYMENT_PROVIDER_PORT' | 'PAYMENT_PROVIDER_DATABASE'
  >;
}

export interface PaymentSliceDeps {
  readonly db: Executor<PayingTables>;
  readonly provider: Provider;
  readonly idempotency: OnceDeps['idempotency'];
  readonly callers: Callers;
  readonly now: () => Date;
  readonly newId: () => string;
  /** What is paid. Without it, callers name an amount themselves. */
  readonly orders?: PaidOrders | undefined;
}

export interface PaymentSlice {
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly carryOut: CarryOut;
  readonly reconciler: Reconciler;
  readonly audit: ProviderAudit;
  readonly paymentRouter: ContractRouter;
  readonly refundRouter: ContractRouter;
  readonly webhookRouter: ContractRouter;
}

/** Stores, routers and the reconciler of this slice. Start the reconciler with `reconciler.start()`. */
export const createPaymentSlice = (
  { settings, registry, logger }: PaymentServer,
  { orders, ...deps }: PaymentSliceDeps,
): PaymentSlice => {
  const { db, provider, now, newId } = deps;
  const checkAfterMs = settings.PAYMENT_CHECK_AFTER_MS;
  const metrics = createPaymentMetrics(registry);
  const refunds = createRefunds({ now, newId, orders: orders ?? noOrders, checkAfterMs });
  const payments = createPayments({ now, newId, orders: orders ?? noOrders, refunds }, { checkAfterMs });
  const carryOut = createCarryOut({ db, payments, refunds, provider, metrics });
  const audit = createProviderAudit({ db, payments, provider, metrics, now });
  const onUnknown = (err: unknown) => logger.warn({ err }, 'the provider gave no outcome');
  const onError = (err: unknown) => logger.error({ err }, 'the reconciler failed');
  const routerDeps = { ...deps, payments, refunds, carryOut, metrics, orders, onUnknown };
  return {
    payments,
    refunds,
    audit,
    carryOut,
    reconciler: createReconciler(
      { db, payments, carryOut, audit, metrics, now, holder: newId(), onError },
      {
        intervalMs: settings.PAYMENT_RECONCILE_INTERVAL_MS,
        auditIntervalMs: settings.PAYMENT_AUDIT_INTERVAL_MS,
        auditWindowMs: settings.PAYMENT_AUDIT_WINDOW_MS,
        leaseMs: settings.PAYMENT_LEASE_MS,
        giveUpMs: settings.PAYMENT_GIVE_UP_MS,
      },
    ),
    paymentRouter: createPaymentRouter(routerDeps, { currencies: settings.PAYMENT_CURRENCIES }),
    refundRouter: createRefundRouter(routerDeps),
    webhookRouter: createWebhookRouter(
      { inbox: createInbox(db, { now }), apply: createApplyEvent({ payments, refunds, now }), metrics, now },
      { secrets: settings.PAYMENT_WEBHOOK_SECRETS },
    ),
  };
};
