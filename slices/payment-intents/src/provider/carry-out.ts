/**
 * Problem: the caller, the process or the network may go away between asking the provider and writing down its answer.
 * Guarantees: everything here can be repeated, by anyone, at the same time: the provider's keys and its own state admit
 * one charge, and `settle` applies an answer once. So whoever finds an attempt whose outcome is unknown just does it again.
 * Does NOT guarantee: an outcome. Rejects if the provider gives none; the attempt stays on record.
 */
import { type Executor, transact } from '@lab/shared/database';
import type { PaymentMetrics } from '../payment-metrics.ts';
import type { PaymentTables } from '../payment-tables.ts';
import type { Payment, Payments, Told } from '../payments/payments.ts';
import type { Refund, Refunds } from '../payments/refunds.ts';
import {
  attemptKey,
  type Provider,
  type ProviderIntent,
  type ProviderRefund,
  RefusedByProviderError,
  toldBy,
} from './provider.ts';

export interface CarryOutDeps {
  readonly db: Executor<PaymentTables>;
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly provider: Provider;
  readonly metrics: PaymentMetrics;
}

/** Asks the provider for what is on record, and writes down what it answers. */
export const createCarryOut = ({ db, payments, refunds, provider, metrics }: CarryOutDeps) => {
  const settle = async (id: string, told: Told | undefined): Promise<boolean> => {
    if (told === undefined) return false;
    const { effect } = await transact(db, (trx) => payments.settle(trx, id, told));
    if (typeof effect === 'string') return false;
    metrics.countPayment(told.kind);
    return true;
  };

  /** The provider's id of the payment. A payment without money is made first, so that there is something to ask for. */
  const refOf = async ({ id, provider_ref, amount, currency, attempt }: Payment): Promise<string> => {
    if (provider_ref !== null) return provider_ref;
    const key = `create:${attemptKey(id, attempt)}`;
    const { ref } = await provider.create({ paymentId: id, amount, currency, key });
    return payments.keepRef(db, id, ref);
  };

  /**
   * Cancels at the provider. What was never made there is made first, so that an attempt to pay that is still under way
   * somewhere, in a process that was stopped, finds it canceled.
   */
  const cancel = async (payment: Payment): Promise<boolean> => {
    const { id, attempt, provider_ref } = payment;
    // Nobody has tried to pay.
    if (provider_ref === null && attempt === 1) return settle(id, { kind: 'canceled' });
    try {
      const ref = await refOf(payment);
      return await settle(id, toldBy(await provider.cancel(ref, attemptKey(id, attempt)), attempt));
    } catch (error) {
      // It cannot be made, so it cannot be paid.
      if (provider_ref === null && error instanceof RefusedByProviderError)
        return settle(id, { kind: 'canceled' });
      throw error;
    }
  };

  /** Makes the call of the payment's last attempt, for the first time or again. */
  const carryOut = async (payment: Payment): Promise<boolean> => {
    const { id, attempt } = payment;
    const begun = await payments.findAttempt(db, id, attempt);
    if (begun === undefined || begun.outcome !== 'unknown') return false;
    if (begun.kind === 'cancel') return cancel(payment);
    try {
      const ref = await refOf(payment);
      const key = attemptKey(id, attempt);
      return await settle(id, toldBy(await provider.confirm(ref, begun.payment_method ?? '', key), attempt));
    } catch (error) {
      if (!(error instanceof RefusedByProviderError)) throw error;
      return settle(id, { kind: 'declined', attempt, declineCode: error.code });
    }
  };

  /** Whether the provider's present state is the outcome of the attempt, rather than what was there before it. */
  const isOutcome = ({ status, last_charge }: Payment, intent: ProviderIntent): boolean => {
    if (intent.status === 'succeeded' || intent.status === 'canceled') return true;
    if (intent.status !== 'requires_payment_method') return false;
    return status === 'requires_action' || (intent.charge ?? null) !== last_charge;
  };

  const settleRefund = async (id: string, { ref, status }: ProviderRefund): Promise<boolean> => {
    if (status === 'pending') return false;
    const isSettled = await transact(db, (trx) => refunds.settle(trx, id, { status, ref }));
    if (isSettled) metrics.countPayment(status === 'succeeded' ? 'refunded' : 'refund_failed');
    return isSettled;
  };

  const refund = async ({ id, amount, payment_id }: Refund): Promise<boolean> => {
    const payment = await payments.find(db, payment_id);
    const ref = payment?.provider_ref ?? undefined;
    if (ref === undefined) throw new Error('a refund has no payment at the provider');
    return settleRefund(id, await provider.refund({ ref, amount, refundId: id }));
  };

  return {
    carryOut,
    /** Finds out what became of an attempt: asks first, and repeats the call only if it left no trace. */
    resume: async (payment: Payment): Promise<boolean> => {
      const { id, attempt, provider_ref: ref, status } = payment;
      if (ref !== null) {
        const intent = await provider.retrieve(ref);
        if (isOutcome(payment, intent)) return settle(id, toldBy(intent, attempt));
      }
      return status === 'processing' ? carryOut(payment) : false;
    },
    refund,
    /** Finds out what became of a refund, in the same way. */
    resumeRefund: async (begun: Refund): Promise<boolean> => {
      const payment = await payments.find(db, begun.payment_id);
      const ref = payment?.provider_ref ?? undefined;
      const known = ref === undefined ? undefined : await provider.findRefund(ref, begun.id);
      return known ? settleRefund(begun.id, known) : refund(begun);
    },
  };
};

export type CarryOut = ReturnType<typeof createCarryOut>;
