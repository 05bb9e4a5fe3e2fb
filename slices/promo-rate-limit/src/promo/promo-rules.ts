/**
 * When a promo code applies, and what it takes off. Pure: the limits, which depend on other redemptions, are up to the
 * store (see promo-store.ts).
 */
import { type Money, parseAmount, roundMoney } from '@lab/shared/money';

/** What a code takes off: a share in hundredths of a percent (1000 is 10 %), or a fixed amount. */
export type PromoValue =
  | { readonly kind: 'percent'; readonly basisPoints: number }
  | { readonly kind: 'amount'; readonly amount: Money };

export interface Promo {
  readonly code: string;
  readonly value: PromoValue;
  /** The smallest total that the code applies to. */
  readonly minimum: Money | null;
  readonly startsAt: Date | null;
  /** The first moment at which it no longer applies. */
  readonly endsAt: Date | null;
  /** Most redemptions of all users together. */
  readonly limit: number | null;
  readonly limitPerUser: number | null;
}

export type RuleRefusal = 'promo_not_started' | 'promo_expired' | 'currency_mismatch' | 'minimum_not_met';

/** Why a code does not apply to this total at this time; undefined if it does. */
export const refusalOf = (
  { value, minimum, startsAt, endsAt }: Promo,
  total: Money,
  now: Date,
): RuleRefusal | undefined => {
  if (startsAt !== null && now < startsAt) return 'promo_not_started';
  if (endsAt !== null && now >= endsAt) return 'promo_expired';
  const currencies = [value.kind === 'amount' ? value.amount.currency : null, minimum?.currency ?? null];
  if (currencies.some((currency) => currency !== null && currency !== total.currency))
    return 'currency_mismatch';
  return minimum !== null && total.amount.lessThan(minimum.amount) ? 'minimum_not_met' : undefined;
};

const BASIS_POINT = parseAmount('0.0001');

/**
 * What the code takes off this total: a share is rounded half to even to the minor unit, as cart-pricing rounds the
 * discount of a total; a fixed amount is never more than the total.
 */
export const discountOf = (value: PromoValue, total: Money): Money => {
  if (value.kind === 'percent') {
    const share = total.amount.times(value.basisPoints).times(BASIS_POINT);
    return roundMoney({ amount: share, currency: total.currency }, 'half_even');
  }
  const { amount } = value.amount;
  return { amount: amount.lessThan(total.amount) ? amount : total.amount, currency: total.currency };
};
