import { currencyCodes, fromMinorUnits, minorDigitsOf, toMinorUnits } from '@lab/shared/money';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discountOf } from '../src/promo/promo-rules.ts';

const totals = fc.record({
  currency: fc.constantFrom(...currencyCodes),
  minor: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })),
});

/** Half to even, as cart-pricing rounds the discount of a total, in whole numbers only. */
const shareOf = (minor: number, basisPoints: number): bigint => {
  const product = BigInt(minor) * BigInt(basisPoints);
  const [whole, rest] = [product / 10_000n, (product % 10_000n) * 2n];
  const isUp = rest > 10_000n || (rest === 10_000n && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
};

describe('what a code takes off', () => {
  it('is the share of the total in whole minor units of any currency, rounded half to even', () => {
    const basisPoints = fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(500, 1000, 2500, 5000));
    fc.assert(
      fc.property(totals, basisPoints, ({ currency, minor }, share) => {
        const total = fromMinorUnits(minor, currency);
        const discount = discountOf({ kind: 'percent', basisPoints: share }, total);
        expect(discount.currency).toBe(currency);
        expect(discount.amount.decimalPlaces()).toBeLessThanOrEqual(minorDigitsOf(currency) ?? 0);
        expect(BigInt(toMinorUnits(discount))).toBe(shareOf(minor, share));
      }),
      { numRuns: 1000 },
    );
  });

  it('is a fixed amount, and never more than the total', () => {
    fc.assert(
      fc.property(totals, fc.integer({ min: 1, max: 1000 }), ({ currency, minor }, off) => {
        const value = { kind: 'amount', amount: fromMinorUnits(off, currency) } as const;
        const discount = discountOf(value, fromMinorUnits(minor, currency));
        expect(toMinorUnits(discount)).toBe(Math.min(minor, off));
      }),
    );
  });

  it.each([
    ['0.25', 2],
    ['0.35', 4],
    ['0.45', 4],
  ])('takes 10 %% of %s off as %d cents', (amount, cents) => {
    const minor = Number(amount.replace('.', ''));
    const discount = discountOf({ kind: 'percent', basisPoints: 1000 }, fromMinorUnits(minor, 'USD'));
    expect(toMinorUnits(discount)).toBe(cents);
  });
});
