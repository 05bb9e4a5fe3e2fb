import {
  allowedFrom,
  illegalTransition,
  type Order,
  type Orders,
  type OrderTables,
  orderNotFound,
} from '@lab/order-checkout';
import { createPaymentSlice, type PaidOrders, type PaymentTables } from '@lab/payment-intents';
import { ProblemError } from '@lab/shared/http';
import type { Transaction } from 'kysely';

/** Whether the order was paid by this payment. Staff may have confirmed it before the money came. */
const isPaidBy = async (trx: Transaction<OrderTables>, orderId: string, reason: string): Promise<boolean> => {
  const event = await trx
    .selectFrom('order_events')
    .select('version')
    .where('order_id', '=', orderId)
    .where('actor', '=', 'payment')
    .where('to_status', '=', 'payment_confirmed')
    .where('reason', '=', reason)
    .executeTakeFirst();
  return event !== undefined;
};

/** The orders of the checkout, as what is paid. */
const paidOrders = (orders: Orders): PaidOrders => ({
  problems: [orderNotFound, illegalTransition],
  amountDue: async (trx, orderId, userId) => {
    const order = await orders.lockForPayment(trx.withTables<OrderTables>(), orderId);
    if (order?.user_id !== userId) throw new ProblemError(orderNotFound);
    const { status, total_minor: amount, currency } = order;
    if (status === 'pending') return { amount, currency };
    throw new ProblemError(illegalTransition, {
      members: { from: status, allowed: [...allowedFrom(status)] },
    });
  },
  lock: (trx, orderId) => orders.lockForPayment(trx.withTables<OrderTables>(), orderId),
  // An order that has expired or was cancelled meanwhile takes no money.
  markPaid: async (trx, orderId, { paymentId }) => {
    const reason = `payment ${paymentId}`;
    const outcome = await orders.paid(trx.withTables<OrderTables>(), orderId, { reason });
    return 'ok' in outcome ? 'paid' : 'refund';
  },
  // A cancelled order stays cancelled when its money has gone back.
  markRefunded: async (plain, orderId, { paymentId, isWhole }) => {
    const trx = plain.withTables<OrderTables>();
    const reason = `payment ${paymentId}`;
    if (isWhole && (await isPaidBy(trx, orderId, reason))) await orders.refunded(trx, orderId, { reason });
  },
});

type Deps = Omit<Parameters<typeof createPaymentSlice>[1], 'orders'> & { readonly orders: Orders };

type PaymentServer = Parameters<typeof createPaymentSlice>[0] & {
  readonly resources: AsyncDisposableStack;
};

/** Payments for the orders of the checkout. The reconciler runs until the server stops. */
export const startDemoPayments = (server: PaymentServer, { orders, ...deps }: Deps) => {
  const slice = createPaymentSlice(server, { ...deps, orders: paidOrders(orders) });
  const { payments, refunds, reconciler, paymentRouter, refundRouter, webhookRouter } = slice;
  server.resources.use(reconciler.start());
  return {
    routers: [paymentRouter, refundRouter],
    webhookRouter,
    /** Begins to give back what is left of the payment of an order, in the transaction that changes the order. */
    refundOrder: async (orderTrx: Transaction<OrderTables>, { id, user_id }: Order): Promise<void> => {
      const trx = orderTrx.withTables<PaymentTables>();
      const payment = await payments.findLive(trx, { userId: user_id, reference: id });
      if (payment) await refunds.request(trx, payment.id, undefined, { checkAfterMs: 0 });
    },
  };
};
