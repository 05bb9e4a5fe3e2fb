import {
  type Decimal,
  formatAmount,
  parseAmount,
  type RoundingMode,
  requirePlainDecimal,
  roundTo,
} from './amount.ts';
import { minorDigitsOf } from './iso-4217.ts';
import type { MoneyJson } from './money-schema.ts';

/** An exact amount in major units of one known currency. */
export type Money = { readonly amount: Decimal; readonly currency: string };

/** Reads money from JSON. Throws a RangeError for an unknown currency or an amount that is not a plain decimal. */
export const parseMoney = (json: MoneyJson): Money => {
  minorDigitsOf(json.currency);
  return { amount: parseAmount(json.amount), currency: json.currency };
};

/** Writes money as JSON, exact, with at least the currency's minor digits: 5 USD -> "5.00". */
export const formatMoney = ({ amount, currency }: Money): MoneyJson => {
  return { amount: formatAmount(amount, minorDigitsOf(currency)), currency };
};

/** The exact sum. Throws a RangeError if the currencies differ. */
export const addMoney = (left: Money, right: Money): Money => {
  if (left.currency !== right.currency) throw new RangeError('cannot add two currencies');
  return { amount: left.amount.plus(right.amount), currency: left.currency };
};

/** The exact product with a quantity or an exact rate. Throws a RangeError for a number that is not an integer. */
export const multiplyMoney = (money: Money, factor: number | Decimal): Money => {
  if (typeof factor === 'number' && !Number.isSafeInteger(factor)) {
    throw new RangeError('a factor that is not an integer must be a Decimal');
  }
  return { amount: money.amount.times(factor), currency: money.currency };
};

/** Rounds to the currency's minor unit. */
export const roundMoney = (money: Money, mode: RoundingMode): Money => {
  return { amount: roundTo(money.amount, minorDigitsOf(money.currency), mode), currency: money.currency };
};

/**
 * The amount in integer minor units, as the database stores it: 19.99 USD -> 1999. Throws a RangeError if it is finer
 * than the minor unit (round first) or beyond Number.MAX_SAFE_INTEGER.
 */
export const toMinorUnits = ({ amount, currency }: Money): number => {
  const amountMinor = amount.times(`1e${minorDigitsOf(currency)}`);
  if (!amountMinor.isInteger()) throw new RangeError('the amount is finer than the minor unit');
  if (amountMinor.abs().greaterThan(Number.MAX_SAFE_INTEGER)) throw new RangeError('the amount is too large');
  return amountMinor.isZero() ? 0 : amountMinor.toNumber();
};

/** The same as `toMinorUnits(parseMoney(json))`, without a Decimal in between. */
export const parseMinorUnits = ({ amount, currency }: MoneyJson): number => {
  requirePlainDecimal(amount);
  const decimals = minorDigitsOf(currency);
  const [whole = '', fraction = ''] = amount.split('.');
  if (/[1-9]/.test(fraction.slice(decimals))) throw new RangeError('the amount is finer than the minor unit');
  const amountMinor = Number(`${whole}${fraction.slice(0, decimals).padEnd(decimals, '0')}`);
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError('the amount is too large');
  return amountMinor === 0 ? 0 : amountMinor;
};

const requireMinorUnits = (amountMinor: number): void => {
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError('minor units must be a safe integer');
};

/** Money from stored minor units: 1999, USD -> 19.99 USD. Throws a RangeError unless they are a safe integer. */
export const fromMinorUnits = (amountMinor: number, currency: string): Money => {
  requireMinorUnits(amountMinor);
  const units = parseAmount(String(amountMinor));
  return { amount: units.times(`1e-${minorDigitsOf(currency)}`), currency };
};

/** Stored minor units as JSON: the same as `formatMoney(fromMinorUnits(...))`, without the arithmetic. */
export const formatMinorUnits = (amountMinor: number, currency: string): MoneyJson => {
  requireMinorUnits(amountMinor);
  const decimals = minorDigitsOf(currency);
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const unsigned = decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return { amount: amountMinor < 0 ? `-${unsigned}` : unsigned, currency };
};
