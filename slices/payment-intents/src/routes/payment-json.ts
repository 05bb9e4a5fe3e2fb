import { ProblemError } from '@lab/shared/http';
import { formatMinorUnits, type moneySchema, parseMinorUnits } from '@lab/shared/money';
import type { output } from 'zod';
import type { Due } from '../orders-port.ts';
import type { Payment } from '../payments/payments.ts';
import type { Refund } from '../payments/refunds.ts';
import { currencyNotAccepted, invalidAmount } from './payment-problems.ts';

type MoneyJson = output<typeof moneySchema>;

/** What Stripe accepts, in the smallest unit. */
const MOST = 99_999_999;

export const paymentToJson = (payment: Payment) => {
  const { id, reference, status, currency, provider_ref, created_at } = payment;
  const inMajor = (amount: number): string => formatMinorUnits(amount, currency).amount;
  return {
    id,
    order_id: reference,
    status,
    amount: inMajor(payment.amount),
    captured: inMajor(payment.captured),
    refunded: inMajor(payment.refunded),
    currency,
    provider_ref,
    created_at: new Date(created_at).toISOString(),
  };
};

export const refundToJson = ({ id, amount, status }: Refund, currency: string) => ({
  id,
  amount: formatMinorUnits(amount, currency),
  status,
});

const minorOf = (money: MoneyJson): number => {
  try {
    return parseMinorUnits(money);
  } catch {
    // Finer than the smallest unit, or beyond all numbers.
    return Number.NaN;
  }
};

/** The amount in minor units. Throws a 422 for a currency that is not accepted, and for what nobody can pay. */
export const readAmount = (money: MoneyJson, currencies: readonly string[]): Due => {
  if (!currencies.includes(money.currency)) throw new ProblemError(currencyNotAccepted);
  const amount = minorOf(money);
  if (!(amount > 0 && amount <= MOST)) throw new ProblemError(invalidAmount);
  return { amount, currency: money.currency };
};
