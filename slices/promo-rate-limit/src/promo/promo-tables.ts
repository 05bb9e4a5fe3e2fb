import { fromMinorUnits, type Money } from '@lab/shared/money';
import type { Promo, PromoValue } from './promo-rules.ts';

export type PromoTables = {
  promo_codes: {
    code: string;
    kind: 'percent' | 'amount';
    /** Of a percent code. */
    basis_points: number | null;
    /** Of an amount code, in minor units. */
    amount_minor: number | null;
    /** Of the amount and the minimum. */
    currency: string | null;
    minimum_minor: number | null;
    starts_at: number | null;
    ends_at: number | null;
    max_redemptions: number | null;
    max_per_user: number | null;
    /** Redemptions that count against `max_redemptions`. Kept only for codes that have it. */
    redeemed: number;
  };
  /** How often a user has redeemed a code. Its row is what a user's requests for one code take turns on. */
  promo_uses: { code: string; user_id: number; uses: number };
  promo_redemptions: {
    id: string;
    code: string;
    user_id: number;
    /** The client's name of the cart. None once an order has the redemption. */
    cart_id: string | null;
    order_id: string | null;
    currency: string;
    total_minor: number;
    discount_minor: number;
    status: 'redeemed' | 'given_back';
    created_at: number;
    given_back_at: number | null;
  };
};

/** A code that one user has used for one cart or order. */
export interface Redemption {
  readonly id: string;
  readonly code: string;
  readonly userId: number;
  readonly cartId: string | null;
  readonly orderId: string | null;
  readonly total: Money;
  readonly discount: Money;
  readonly createdAt: Date;
}

const moneyOf = (amountMinor: number | null, currency: string | null): Money | null =>
  amountMinor === null || currency === null ? null : fromMinorUnits(amountMinor, currency);

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

const promoValueOf = ({
  code,
  basis_points,
  amount_minor,
  currency,
}: PromoTables['promo_codes']): PromoValue => {
  if (basis_points !== null) return { kind: 'percent', basisPoints: basis_points };
  const amount = moneyOf(amount_minor, currency);
  if (amount === null) throw new Error(`the promo code ${code} has no value`);
  return { kind: 'amount', amount };
};

export const toPromo = (row: PromoTables['promo_codes']): Promo => ({
  code: row.code,
  value: promoValueOf(row),
  minimum: moneyOf(row.minimum_minor, row.currency),
  startsAt: dateOf(row.starts_at),
  endsAt: dateOf(row.ends_at),
  limit: row.max_redemptions,
  limitPerUser: row.max_per_user,
});

export const toRedemption = (row: PromoTables['promo_redemptions']): Redemption => ({
  id: row.id,
  code: row.code,
  userId: row.user_id,
  cartId: row.cart_id,
  orderId: row.order_id,
  total: fromMinorUnits(row.total_minor, row.currency),
  discount: fromMinorUnits(row.discount_minor, row.currency),
  createdAt: new Date(row.created_at),
});
