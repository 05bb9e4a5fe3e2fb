import { quoteCart } from '../src/pricing.ts';
import type { Quote, QuoteRequest } from '../src/quote-contract.ts';
import type { Pricing } from './compare-quotes.ts';

type Rounding = QuoteRequest['rounding'];
type Spread = (wholeMinor: bigint, weightsMinor: readonly bigint[]) => bigint[];

/** Correct pricing with the wrong rounding; the quote still claims the rounding of the request. */
const roundingAs = (confuse: (asked: Rounding) => Rounding): Pricing => {
  return (request) => {
    const outcome = quoteCart({ ...request, rounding: confuse(request.rounding) });
    return outcome.ok ? { ok: true, quote: { ...outcome.quote, rounding: request.rounding } } : outcome;
  };
};

/** The correct quote, except that half_up line totals are computed in binary floats. */
const floatLineTotals: Pricing = (request) => {
  const outcome = quoteCart(request);
  const { mode, scope } = request.rounding;
  if (!outcome.ok || mode !== 'half_up' || scope !== 'line') return outcome;
  const digits = decimalsOf(outcome.quote.subtotal.amount);
  const lines = outcome.quote.lines.map((line) => {
    const float = Math.round(line.quantity * Number(line.unit_price.amount) * 10 ** digits) / 10 ** digits;
    return { ...line, line_total: { ...line.line_total, amount: float.toFixed(digits) } };
  });
  return { ok: true, quote: { ...outcome.quote, lines } };
};

/** The correct quote, except that a discount by amount is allocated to the lines in another way. */
const spreadAs = (spread: Spread): Pricing => {
  return (request) => {
    const outcome = quoteCart(request);
    const byAmount = request.discount !== undefined && 'amount' in request.discount;
    return outcome.ok && byAmount && !request.tax_rate
      ? { ok: true, quote: respread(outcome.quote, spread) }
      : outcome;
  };
};

const respread = (quote: Quote, spread: Spread): Quote => {
  const digits = decimalsOf(quote.discount.amount);
  const minor = (money: Quote['discount']) => BigInt(money.amount.replace('.', ''));
  const print = (units: bigint) => {
    const figures = units.toString().padStart(digits + 1, '0');
    return digits === 0 ? figures : `${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
  };
  const parts = spread(
    minor(quote.discount),
    quote.lines.map((line) => minor(line.line_total)),
  );
  const lines = quote.lines.map((line, index) => ({
    ...line,
    discount: { ...line.discount, amount: print(parts[index] ?? 0n) },
  }));
  return { ...quote, lines };
};

const decimalsOf = (amount: string): number => {
  return amount.split('.')[1]?.length ?? 0;
};

type Claim = { readonly line: number; readonly weight: bigint; readonly remainder: bigint };
type ByClaim = (left: Claim, right: Claim) => number;

const byRemainder: ByClaim = (left, right) => Number(right.remainder - left.remainder);
const byWeight: ByClaim = (left, right) => Number(right.weight - left.weight);

/** Rounds the quotas down, then gives one unit each to the first lines in the given order. */
const leftOverUnitsTo = (byClaim: ByClaim): Pricing => {
  return spreadAs((whole, weights) => {
    const weightSum = sum(weights) || 1n;
    const parts = weights.map((weight, line) => ({
      line,
      weight,
      units: (whole * weight) / weightSum,
      remainder: (whole * weight) % weightSum,
    }));
    const left = Number(whole - sum(parts.map((part) => part.units)));
    for (const part of parts.toSorted(byClaim).slice(0, left)) part.units++;
    return parts.map((part) => part.units);
  });
};

const roundedShares: Spread = (whole, weights) => {
  const weightSum = sum(weights) || 1n;
  return weights.map((weight) => (2n * whole * weight + weightSum) / (2n * weightSum));
};

const sum = (units: readonly bigint[]): bigint => {
  return units.reduce((total, unit) => total + unit, 0n);
};

/** No bug: shows that the comparison reacts to the bugs below and not to the way they are planted. */
export const soundSpread = leftOverUnitsTo(
  (left, right) => byRemainder(left, right) || byWeight(left, right),
);

type PlantedBugs = readonly (readonly [name: string, pricing: Pricing])[];

/** Mistakes that real shops make, one per entry. A comparison is only trustworthy if it catches all of them. */
export const roundingBugs: PlantedBugs = [
  [
    'half_up for half_even',
    roundingAs(({ mode, scope }) => ({ mode: mode === 'half_even' ? 'half_up' : mode, scope })),
  ],
  [
    'half_down for half_even',
    roundingAs(({ mode, scope }) => ({ mode: mode === 'half_even' ? 'half_down' : mode, scope })),
  ],
  ['half_up for up', roundingAs(({ mode, scope }) => ({ mode: mode === 'up' ? 'half_up' : mode, scope }))],
  ['rounding always by line', roundingAs(({ mode }) => ({ mode, scope: 'line' }))],
  ['line totals in binary floats', floatLineTotals],
];

export const spreadBugs: PlantedBugs = [
  ['each share of an allocation rounded on its own', spreadAs(roundedShares)],
  ['ties to the earlier line though another is larger', leftOverUnitsTo(byRemainder)],
  [
    'ties of equal lines to the later',
    leftOverUnitsTo(
      (left, right) => byRemainder(left, right) || byWeight(left, right) || right.line - left.line,
    ),
  ],
  ['leftover units to the first lines', leftOverUnitsTo(() => 0)],
  ['leftover units to the largest lines', leftOverUnitsTo(byWeight)],
];
