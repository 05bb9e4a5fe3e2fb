import { oncePerKey } from '@lab/gift-grant';
import { type ContractRouter, createRouter, ProblemError, route } from '@lab/shared/http';
import { formatMinorUnits } from '@lab/shared/money';
import { z } from 'zod';
import type { PaymentTables } from '../payment-tables.ts';
import { checkLedger } from '../payments/ledger-check.ts';
import type { Refunds } from '../payments/refunds.ts';
import { refundPayment, verifyLedger } from './payment-contracts.ts';
import { readAmount, refundToJson } from './payment-json.ts';
import { paymentNotCaptured, paymentNotFound, refundExceedsCaptured } from './payment-problems.ts';
import type { PaymentRouterDeps } from './payment-router.ts';

export interface RefundRouterDeps extends Omit<PaymentRouterDeps, 'metrics' | 'orders'> {
  readonly refunds: Refunds;
}

const storedRefund = z.object({ id: z.uuid() });

/** Refunds and the ledger, for operators. */
export const createRefundRouter = (deps: RefundRouterDeps): ContractRouter => {
  const { db, payments, refunds, carryOut, callers, onUnknown } = deps;

  const beginOnce = oncePerKey(refundPayment, deps, async (plain, { params, body }) => {
    const trx = plain.withTables<PaymentTables>();
    const payment = await payments.find(trx, params.id);
    if (payment === undefined) throw new ProblemError(paymentNotFound);
    const amount = body.amount && readAmount(body.amount, [payment.currency]).amount;
    const begun = await refunds.request(trx, params.id, amount);
    if (begun.ok) return { status: 201 as const, body: refundToJson(begun.refund, payment.currency) };
    if (begun.reason === 'not_captured') throw new ProblemError(paymentNotCaptured);
    if (begun.reason === 'not_found') throw new ProblemError(paymentNotFound);
    const left = formatMinorUnits(begun.left, begun.currency);
    throw new ProblemError(refundExceedsCaptured, { members: { left } });
  });

  /** Asks the provider, unless the refund is settled. Resolves with the refund as it is known by then. */
  const settled = async (id: string) => {
    const before = await refunds.find(db, id);
    if (before?.status === 'pending') await carryOut.refund(before).catch(onUnknown);
    const refund = await refunds.find(db, id);
    const payment = refund && (await payments.find(db, refund.payment_id));
    if (refund === undefined || payment === undefined) throw new Error('a refund that has begun is gone');
    return refundToJson(refund, payment.currency);
  };

  const refund = route(refundPayment).handle(async (req, res) => {
    const { headers, text } = await beginOnce(req, res);
    const { id } = storedRefund.parse(JSON.parse(text));
    return { status: 201, headers, body: await settled(id) };
  });

  const verify = route(verifyLedger).handle(async () => {
    const { unmatched, ...check } = await checkLedger(db);
    return { status: 200, body: { ...check, unmatched: [...unmatched] } };
  });

  return createRouter([verify, refund], { callers });
};
