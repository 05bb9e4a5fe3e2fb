import {
  add,
  type Dinero,
  type DineroDivideOperation,
  dinero,
  down,
  halfAwayFromZero,
  halfEven,
  halfTowardsZero,
  multiply,
  subtract,
  toDecimal,
  transformScale,
  up,
} from 'dinero.js/bigint';
import type { QuoteRequest } from '../src/quote-contract.ts';
import { digitsOf } from './exact-oracle.ts';

type Amount = Dinero<bigint>;

/**
 * dinero's `up` and `down` round toward the infinities. No amount is negative, so that is away from and toward zero.
 */
const divisions: Readonly<Record<QuoteRequest['rounding']['mode'], DineroDivideOperation>> = {
  half_even: halfEven,
  half_up: halfAwayFromZero,
  half_down: halfTowardsZero,
  up,
  down,
};

/**
 * The totals and the line totals of a quote as dinero.js computes them: scaled integers, exact products and sums, and
 * one rounding by `transformScale`. It has no largest-remainder method, so amounts allocated to lines are missing: the
 * line totals for scope `total` and, for scope `line`, the tax after a discount by amount.
 */
export const dineroWholes = (request: QuoteRequest) => {
  const { mode, scope } = request.rounding;
  const currency = request.items.map((item) => item.unit_price.currency).at(0) ?? '';
  const digits = BigInt(digitsOf(currency));
  const round = (amount: Amount) => transformScale(amount, digits, divisions[mode]);
  const settle = (amounts: readonly Amount[]) =>
    scope === 'line' ? amounts.map(round) : [round(amounts.reduce(add))];
  const price = (text: string): Amount =>
    dinero({ ...scaled(text), currency: { code: currency, base: 10n, exponent: digits } });

  const lineTotals = settle(
    request.items.map((item) => multiply(price(item.unit_price.amount), BigInt(item.quantity))),
  );
  const subtotal = lineTotals.reduce(add);
  const { discount = { percent: '0' }, tax_rate = '0' } = request;
  const discounts =
    'amount' in discount
      ? [round(price(discount.amount.amount))]
      : settle(lineTotals.map((lineTotal) => multiply(lineTotal, share(discount.percent))));
  const discountTotal = discounts.reduce(add);
  const spread = 'amount' in discount && scope === 'line';
  const taxable = spread
    ? []
    : lineTotals.map((lineTotal, line) => subtract(lineTotal, discounts[line] ?? lineTotal));
  const tax = settle(taxable.map((amount) => multiply(amount, scaled(tax_rate)))).reduce(
    add,
    round(price('0')),
  );
  return {
    lineTotals: scope === 'line' ? lineTotals.map(plain) : undefined,
    subtotal: plain(subtotal),
    discount: plain(discountTotal),
    tax: spread ? undefined : plain(tax),
  };
};

const scaled = (text: string): { amount: bigint; scale: bigint } => {
  const [integer = '', fraction = ''] = text.replace('-', '').split('.');
  return { amount: BigInt(integer + fraction), scale: BigInt(fraction.length) };
};

const share = (percent: string): { amount: bigint; scale: bigint } => {
  const { amount, scale } = scaled(percent);
  return { amount, scale: scale + 2n };
};

const plain = (amount: Amount): string => {
  return toDecimal(amount);
};
