import { type Decimal, parseAmount, sum, ZERO } from './amount.ts';

const ONE = parseAmount('1');

/**
 * Splits `whole` in proportion to `weights` by the largest remainder method (Hamilton's). Each part gets the whole
 * minor units of its quota. The units left over go to the largest fractional parts; ties go to the larger weight, then
 * to the earlier part. $10.00 over 1:1:1 is 3.34, 3.33, 3.33.
 *
 * Guarantees: the parts sum to the whole. Each is its quota rounded down or up to a minor unit, so none is negative and
 * a weight of 0 gets 0. Quotas are compared as integer remainders, never as rounded quotients.
 * Does NOT guarantee monotonicity: a larger whole may make a part smaller (the Alabama paradox).
 *
 * Throws a RangeError if the whole is negative or finer than a minor unit, a weight is negative, or all weights are 0
 * while the whole is not.
 */
export const allocate = (whole: Decimal, weights: readonly Decimal[], minorDigits: number): Decimal[] => {
  const units = whole.times(`1e${minorDigits}`);
  if (units.lessThan(0)) throw new RangeError('cannot allocate a negative amount');
  if (!units.isInteger()) throw new RangeError('cannot allocate an amount finer than the minor unit');
  if (weights.some((weight) => weight.lessThan(ZERO))) throw new RangeError('weights must not be negative');
  if (units.isZero()) return weights.map(() => ZERO);

  const weightSum = sum(weights);
  if (weightSum.isZero()) throw new RangeError('cannot allocate an amount over weights that are all 0');
  const parts = weights.map((weight) => {
    const dividend = units.times(weight);
    const quota = dividend.dividedToIntegerBy(weightSum);
    return { weight, units: quota, remainder: dividend.minus(quota.times(weightSum)) };
  });
  const unitsLeft = units.minus(sum(parts.map((part) => part.units))).toNumber();
  for (const part of parts.toSorted(byClaim).slice(0, unitsLeft)) part.units = part.units.plus(ONE);
  const minorUnit = ONE.times(`1e-${minorDigits}`);
  return parts.map((part) => part.units.times(minorUnit));
};

type Claim = { readonly weight: Decimal; readonly remainder: Decimal };

/** Sorting is stable, so if remainder and weight are equal, the earlier part wins. */
const byClaim = (left: Claim, right: Claim): number => {
  return right.remainder.comparedTo(left.remainder) || right.weight.comparedTo(left.weight);
};
