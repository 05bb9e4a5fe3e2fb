/**
 * A second implementation of quotes, in BigInt rationals, written from the API contract alone. It shares no code with
 * the first one: it has its own currency digits, parsing, rounding, allocation and formatting. It hands out leftover
 * units one at a time. It is slow and simple on purpose.
 */
import type { Quote, QuoteRequest } from '../src/quote-contract.ts';

/** n / d with n >= 0. d is a power of ten, except in the quotas of an allocation. */
type Rational = { readonly n: bigint; readonly d: bigint };
type Mode = QuoteRequest['rounding']['mode'];

const DIGITS: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, KRW: 0, KWD: 3, BHD: 3, CLF: 4 };
const MAX_MAJOR = 999_999_999_999n;

export type OracleAnswer = Quote | 'amount_out_of_range' | 'discount_exceeds_subtotal';

/** All amounts are in minor units until they are formatted. */
export const oracleQuote = (request: QuoteRequest): OracleAnswer => {
  const { mode, scope } = request.rounding;
  const currency = request.items.map((item) => item.unit_price.currency).at(0) ?? '';
  const digits = digitsOf(currency);
  const maximum = whole(MAX_MAJOR * 10n ** BigInt(digits));
  const settle = (amounts: readonly Rational[]) =>
    scope === 'line'
      ? amounts.map((amount) => round(amount, mode))
      : spread(round(total(amounts), mode), amounts);

  const exact = request.items.map((item) =>
    times(read(item.unit_price.amount, digits), whole(BigInt(item.quantity))),
  );
  const amountOff = amountOffOf(request, digits);
  const given = amountOff ? [...exact, amountOff] : exact;
  if (given.some((amount) => compare(amount, maximum) > 0)) return 'amount_out_of_range';
  if (amountOff && amountOff.n % amountOff.d !== 0n) return 'amount_out_of_range';

  const lineTotals = settle(exact);
  const subtotal = total(lineTotals.map(whole));
  if (compare(subtotal, maximum) > 0) return 'amount_out_of_range';
  if (amountOff && compare(amountOff, subtotal) > 0) return 'discount_exceeds_subtotal';

  const share = shareOffOf(request);
  const discounts = amountOff
    ? spread(amountOff.n / amountOff.d, lineTotals.map(whole))
    : settle(lineTotals.map((lineTotal) => times(whole(lineTotal), share)));
  const taxable = lineTotals.map((lineTotal, line) => whole(lineTotal - at(discounts, line)));
  const taxes = settle(taxable.map((amount) => times(amount, read(request.tax_rate ?? '0', 0))));
  const charged = total([...taxable, ...taxes.map(whole)]);
  if (compare(charged, maximum) > 0) return 'amount_out_of_range';

  const money = (amount: Rational) => ({ amount: print(amount, digits), currency });
  return {
    currency,
    rounding: { mode, scope },
    lines: request.items.map((item, line) => ({
      sku: item.sku,
      quantity: item.quantity,
      unit_price: money(read(item.unit_price.amount, digits)),
      exact: money(at(exact, line)),
      line_total: money(whole(at(lineTotals, line))),
      discount: money(whole(at(discounts, line))),
      tax: money(whole(at(taxes, line))),
    })),
    subtotal: money(subtotal),
    discount: money(total(discounts.map(whole))),
    tax: money(total(taxes.map(whole))),
    total: money(charged),
    item_count: request.items.map((item) => item.quantity).reduce((left, right) => left + right),
  };
};

export const digitsOf = (currency: string): number => {
  const digits = DIGITS[currency];
  if (digits === undefined) throw new Error('the oracle does not know this currency');
  return digits;
};

const amountOffOf = ({ discount }: QuoteRequest, digits: number): Rational | undefined => {
  return discount && 'amount' in discount ? read(discount.amount.amount, digits) : undefined;
};

const shareOffOf = ({ discount }: QuoteRequest): Rational => {
  const percent = discount && 'percent' in discount ? discount.percent : '0';
  return times(read(percent, 0), { n: 1n, d: 100n });
};

/** Reads major units with at most 6 decimals as minor units. */
const read = (major: string, digits: number): Rational => {
  const [integer = '', fraction = ''] = major.replace('-', '').split('.');
  return { n: BigInt(integer + fraction.padEnd(6, '0')) * 10n ** BigInt(digits), d: 10n ** 6n };
};

/** Prints minor units as major units with at least `digits` decimals. */
const print = (amount: Rational, digits: number): string => {
  const decimals = amount.d.toString().length - 1 + digits;
  const figures = amount.n.toString().padStart(decimals + 1, '0');
  const integer = figures.slice(0, figures.length - decimals);
  const fraction = figures
    .slice(figures.length - decimals)
    .replace(/0+$/, '')
    .padEnd(digits, '0');
  return fraction === '' ? integer : `${integer}.${fraction}`;
};

const round = (amount: Rational, mode: Mode): bigint => {
  const floor = amount.n / amount.d;
  const rest = amount.n % amount.d;
  const half = rest * 2n - amount.d;
  const lift = {
    half_even: half > 0n || (half === 0n && floor % 2n === 1n),
    half_up: half >= 0n,
    half_down: half > 0n,
    up: rest > 0n,
    down: false,
  }[mode];
  return lift ? floor + 1n : floor;
};

/** Largest remainder: rounds the quotas down, then gives each leftover unit to the line with the largest remainder. */
const spread = (units: bigint, weights: readonly Rational[]): bigint[] => {
  const weightSum = total(weights);
  if (weightSum.n === 0n) return weights.map(() => 0n);
  const quotas = weights.map((weight) => ({ n: units * weight.n * weightSum.d, d: weight.d * weightSum.n }));
  const parts = quotas.map((quota) => quota.n / quota.d);
  const open = new Set(weights.keys());
  for (let left = units - parts.reduce((a, b) => a + b, 0n); left > 0n; left--) {
    let best: number | undefined;
    for (const line of open) {
      if (best === undefined) best = line;
      const owed = (index: number) => ({
        n: at(quotas, index).n % at(quotas, index).d,
        d: at(quotas, index).d,
      });
      const ahead = compare(owed(line), owed(best)) || compare(at(weights, line), at(weights, best));
      if (ahead > 0) best = line;
    }
    if (best === undefined) throw new Error('there are more leftover units than lines');
    open.delete(best);
    parts[best] = at(parts, best) + 1n;
  }
  return parts;
};

const whole = (n: bigint): Rational => {
  return { n, d: 1n };
};

const times = (left: Rational, right: Rational): Rational => {
  return { n: left.n * right.n, d: left.d * right.d };
};

const total = (amounts: readonly Rational[]): Rational => {
  return amounts.reduce((sum, { n, d }) =>
    sum.d === d ? { n: sum.n + n, d } : { n: sum.n * d + n * sum.d, d: sum.d * d },
  );
};

const compare = (left: Rational, right: Rational): number => {
  const difference = left.n * right.d - right.n * left.d;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
};

const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index];
  if (value === undefined) throw new Error('no such entry');
  return value;
};
