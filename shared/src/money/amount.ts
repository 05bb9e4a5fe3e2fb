import { Decimal as DecimalJs } from 'decimal.js';

/**
 * The decimals of this package. 256 digits hold the exact sum or product of any two amounts of 64 characters, and
 * longer chains for amounts in the range of prices, so only `roundTo` rounds. A clone, so that the settings of the
 * `Decimal` that other packages share do not change.
 */
const ExactDecimal = DecimalJs.clone({ defaults: true, precision: 256, toExpNeg: -9e15, toExpPos: 9e15 });

/** A decimal made by `parseAmount`; `plus`, `minus` and `times` on it keep its precision. */
export type Decimal = DecimalJs;

/** Longest amount accepted, in characters: enough for any price, short enough to be cheap. */
export const MAX_AMOUNT_LENGTH = 64;

/** A plain decimal: `-?digits[.digits]`, without exponent, leading plus or bare decimal point. */
export const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/;

export const ZERO: Decimal = new ExactDecimal(0);

/**
 * The rounding modes, by their names in JSON. `up` and `half_up` round away from zero, `down` and `half_down` toward
 * it.
 */
export const ROUNDING_MODES = ['half_even', 'half_up', 'half_down', 'up', 'down'] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

const decimalRounding: Readonly<Record<RoundingMode, DecimalJs.Rounding>> = {
  half_even: DecimalJs.ROUND_HALF_EVEN,
  half_up: DecimalJs.ROUND_HALF_UP,
  half_down: DecimalJs.ROUND_HALF_DOWN,
  up: DecimalJs.ROUND_UP,
  down: DecimalJs.ROUND_DOWN,
};

export const requirePlainDecimal = (text: string): void => {
  if (text.length > MAX_AMOUNT_LENGTH || !PLAIN_DECIMAL.test(text)) {
    throw new RangeError('not a plain decimal of at most 64 characters');
  }
};

/** Reads a plain decimal of at most 64 characters. Throws a RangeError for anything else (`1e3`, `0x1`, `NaN`). */
export const parseAmount = (text: string): Decimal => {
  requirePlainDecimal(text);
  return new ExactDecimal(text);
};

/** A plain decimal with at least `minorDigits` decimals, never rounded: 10 -> "10.00", 1.005 -> "1.005". */
export const formatAmount = (amount: Decimal, minorDigits: number): string => {
  const unsigned = amount.isZero() ? ZERO : amount;
  return unsigned.toFixed(Math.max(minorDigits, unsigned.decimalPlaces()));
};

/** Rounds to `digits` decimals. */
export const roundTo = (amount: Decimal, digits: number, mode: RoundingMode): Decimal => {
  return amount.toDecimalPlaces(digits, decimalRounding[mode]);
};

/** The exact sum; 0 for an empty list. */
export const sum = (amounts: readonly Decimal[]): Decimal => {
  return amounts.reduce((total, amount) => total.plus(amount), ZERO);
};
