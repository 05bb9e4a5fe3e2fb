import { type IdempotencyTables, type OnceDeps, oncePerKey } from '@lab/gift-grant';
import { afterCommit, type Executor, transact } from '@lab/shared/database';
import {
  type Caller,
  type Callers,
  type ContractRouter,
  contextOf,
  createRouter,
  ProblemError,
  type ProblemType,
  route,
} from '@lab/shared/http';
import type { Transaction } from 'kysely';
import type { OrdersPort } from '../orders-port.ts';
import type { PaymentMetrics } from '../payment-metrics.ts';
import type { PaymentTables } from '../payment-tables.ts';
import type { PaymentAttempt } from '../payments/attempts.ts';
import type { Beginning, Payment, Payments } from '../payments/payments.ts';
import type { CarryOut } from '../provider/carry-out.ts';
import { cancelPayment, confirmPayment, payOrder, payReference, readPayment } from './payment-contracts.ts';
import { paymentToJson, readAmount } from './payment-json.ts';
import {
  paymentCanceled,
  paymentDeclined,
  paymentExists,
  paymentNotFound,
  paymentProcessing,
  paymentSucceeded,
} from './payment-problems.ts';

export type PayingTables = PaymentTables & IdempotencyTables;

/** The orders that are paid, and the problems that their `amountDue` throws. */
export interface PaidOrders extends OrdersPort {
  readonly problems: readonly ProblemType[];
}

export interface PaymentRouterDeps {
  readonly db: Executor<PayingTables>;
  readonly payments: Payments;
  readonly carryOut: CarryOut;
  readonly idempotency: OnceDeps['idempotency'];
  readonly callers: Callers;
  readonly metrics: PaymentMetrics;
  readonly orders: PaidOrders | undefined;
  /** Called when a call to the provider had no outcome. */
  readonly onUnknown: (error: unknown) => void;
}

const beginningProblems = {
  not_found: paymentNotFound,
  processing: paymentProcessing,
  succeeded: paymentSucceeded,
  canceled: paymentCanceled,
};

/** Shoppers see their own payments only. */
const isVisible = ({ user_id }: Payment, caller: Caller | undefined): boolean =>
  caller?.role === 'operator' || (caller?.role === 'shopper' && caller.userId === user_id);

const createHandlers = (deps: PaymentRouterDeps, currencies: readonly string[]) => {
  const { payments, metrics, orders } = deps;

  const insert = async (
    trx: Transaction<IdempotencyTables>,
    { baseUrl }: { readonly baseUrl: string },
    wanted: Parameters<Payments['create']>[1],
  ) => {
    const payment = await payments.create(trx.withTables<PaymentTables>(), wanted);
    if (payment === undefined) throw new ProblemError(paymentExists);
    if (payment.status === 'succeeded') await afterCommit(trx, () => metrics.countPayment('succeeded'));
    return {
      status: 201 as const,
      headers: { Location: `${baseUrl}/payments/${payment.id}` },
      body: paymentToJson(payment),
    };
  };

  const counted = <Answer extends { readonly headers: object }>(reply: Answer): Answer => {
    if (!('Idempotent-Replayed' in reply.headers)) metrics.countPayment('created');
    return reply;
  };

  if (orders === undefined) {
    const once = oncePerKey(payReference, deps, (trx, req) => {
      const { reference, amount } = req.body;
      const due = readAmount(amount, currencies);
      return insert(trx, req, { userId: req.caller.userId, reference, due });
    });
    return route(payReference).handle(async (req, res) => counted(await once(req, res)));
  }
  const contract = payOrder(orders.problems);
  const once = oncePerKey(contract, deps, async (plain, req) => {
    const trx = plain.withTables<PaymentTables>();
    const { userId } = req.caller;
    const reference = req.body.order_id;
    // Locked first, so that whoever comes second sees the payment, and not only that the order is paid.
    await orders.lock(trx, reference);
    if (await payments.findLive(trx, { userId, reference })) throw new ProblemError(paymentExists);
    const due = await orders.amountDue(trx, reference, userId);
    return insert(plain, req, { userId, reference, due });
  });
  return route(contract).handle(async (req, res) => counted(await once(req, res)));
};

/** What is known about an attempt by now, as an answer. */
const replyTo = (payment: Payment, { number, kind, outcome, decline_code }: PaymentAttempt) => {
  const headers = { 'Payment-Attempt': String(number) };
  const body = paymentToJson(payment);
  switch (outcome) {
    case 'unknown':
      return { status: 202 as const, headers, body };
    case 'declined':
      throw new ProblemError(paymentDeclined, { members: { decline_code: decline_code ?? 'unknown' } });
    case 'requires_action':
      // Another attempt may have begun since.
      if (payment.status === 'processing') return { status: 202 as const, headers, body };
      return { status: 200 as const, headers, body };
    case 'succeeded':
      if (kind === 'cancel') throw new ProblemError(paymentSucceeded);
      return { status: 200 as const, headers, body };
    case 'canceled':
      if (kind === 'confirm') throw new ProblemError(paymentCanceled);
      return { status: 200 as const, headers, body };
  }
};

/** Payments over HTTP. Nothing is asked of the provider inside of a transaction. */
export const createPaymentRouter = (
  deps: PaymentRouterDeps,
  { currencies }: { readonly currencies: readonly string[] },
): ContractRouter => {
  const { db, payments, carryOut, callers, metrics, onUnknown } = deps;

  const visible = async (on: Executor<PaymentTables>, id: string, caller: Caller | undefined) => {
    const payment = await payments.find(on, id);
    if (payment === undefined || !isVisible(payment, caller)) throw new ProblemError(paymentNotFound);
    return payment;
  };

  const begun = (beginning: Beginning): Payment => {
    if (!beginning.ok) throw new ProblemError(beginningProblems[beginning.reason]);
    return beginning.payment;
  };

  /** Asks the provider, unless the attempt is over. Whoever repeats the request takes part in that. */
  const outcomeOf = async (id: string, number: number) => {
    const before = await visibleToAll(id);
    if (before.status === 'processing' && before.attempt === number) {
      try {
        await carryOut.carryOut(before);
      } catch (error) {
        metrics.countPayment('unknown');
        onUnknown(error);
      }
    }
    const attempt = await payments.findAttempt(db, id, number);
    if (attempt === undefined) throw new Error('an attempt that has begun is gone');
    return replyTo(await visibleToAll(id), attempt);
  };

  const visibleToAll = async (id: string): Promise<Payment> => {
    const payment = await payments.find(db, id);
    if (payment === undefined) throw new ProblemError(paymentNotFound);
    return payment;
  };

  // The key belongs to the attempt: what is stored under it is the attempt's number, before the provider is asked.
  const beginOnce = oncePerKey(confirmPayment, deps, async (plain, { params, body, caller }) => {
    const trx = plain.withTables<PaymentTables>();
    await visible(trx, params.id, caller);
    const { payment_method: paymentMethod } = body;
    const payment = begun(await payments.begin(trx, params.id, { kind: 'confirm', paymentMethod }));
    return {
      status: 202 as const,
      headers: { 'Payment-Attempt': String(payment.attempt) },
      body: paymentToJson(payment),
    };
  });

  const confirm = route(confirmPayment).handle(async (req, res) => {
    const { headers } = await beginOnce(req, res);
    const reply = await outcomeOf(req.params.id, Number(headers['Payment-Attempt']));
    const replayed = headers['Idempotent-Replayed'];
    const isReplay = replayed !== undefined && { 'Idempotent-Replayed': replayed };
    return { ...reply, headers: { ...reply.headers, ...isReplay } };
  });

  const cancel = route(cancelPayment).handle(async (req, res) => {
    const { id } = req.params;
    const known = await visible(db, id, req.caller);
    if (known.status === 'canceled') return { status: 200, body: paymentToJson(known) };
    const { signal } = contextOf(req, res);
    const work = async (trx: Transaction<PayingTables>) =>
      begun(await payments.begin(trx.withTables<PaymentTables>(), id, { kind: 'cancel' }));
    const payment = await transact(db, work, { signal });
    return outcomeOf(id, payment.attempt);
  });

  const read = route(readPayment).handle(async ({ params, caller }) => ({
    status: 200,
    body: paymentToJson(await visible(db, params.id, caller)),
  }));

  return createRouter([createHandlers(deps, currencies), read, confirm, cancel], { callers });
};
