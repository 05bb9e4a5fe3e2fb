/**
 * Prices a cart.
 * Problem: binary floats turn 1.005 into 1.00, and rounding that happens in unnamed places charges 34.12 where
 * 34.116425 was computed.
 * The idea: all arithmetic is exact decimal, and only `settle` rounds. The request names its mode and scope, and the
 * quote repeats them.
 * Guarantees: the amounts of the lines sum to the totals, no line is negative, and the order of the lines does not
 * affect the totals.
 * Does NOT guarantee: equal results for both scopes. Each line can change a total by up to one minor unit.
 */
import {
  allocate,
  type Decimal,
  formatAmount,
  isKnownCurrency,
  minorDigitsOf,
  parseAmount,
  roundTo,
  sum,
  ZERO,
} from '@lab/shared/money';
import type { Quote, QuoteRequest } from './quote-contract.ts';

const REFUSALS = {
  unsupported_currency: 'Each currency must be an active ISO 4217 currency that has a minor unit.',
  mixed_currency: 'All amounts in a cart must be in the same currency.',
  amount_out_of_range: 'An amount in the cart is too large or too precise.',
  discount_exceeds_subtotal: 'The discount exceeds the subtotal of the cart.',
} as const;

/** One fault of a request: its location as a JSON Pointer fragment, and a text that repeats no received value. */
type QuoteFault = { readonly pointer: string; readonly detail: string };

type QuoteRefusal = {
  readonly ok: false;
  readonly code: keyof typeof REFUSALS;
  readonly detail: string;
  readonly faults: readonly QuoteFault[];
};

export type QuoteOutcome = { readonly ok: true; readonly quote: Quote } | QuoteRefusal;

const MAX_MAJOR_UNITS = parseAmount('999999999999');
const TOO_LARGE = 'exceeds 999999999999 major units';
const AMOUNT_OFF_POINTER = '#/discount/amount/amount';

/**
 * Quotes a request that has passed `quoteRequestSchema`. It checks in this order: every currency is known, all
 * currencies are equal, amounts are in range, the discount is within the subtotal. A refusal lists all faults of the
 * first check that fails.
 */
export const quoteCart = (request: QuoteRequest): QuoteOutcome => {
  const named = namedCurrencies(request);
  const unknown = named.filter(({ currency }) => !isKnownCurrency(currency));
  if (unknown.length > 0) {
    return refuse('unsupported_currency', faultsAt(unknown, 'is not a supported currency'));
  }
  const currency = named[0]?.currency ?? '';
  const foreign = named.filter((other) => other.currency !== currency);
  if (foreign.length > 0) {
    return refuse('mixed_currency', faultsAt(foreign, 'differs from the currency of the first line'));
  }
  const cart = readCart(request, currency);
  const faults = rangeFaults(cart);
  if (faults.length > 0) return refuse('amount_out_of_range', faults);

  const priced = price(cart);
  return priced.ok ? { ok: true, quote: printQuote(request, cart, priced) } : priced;
};

type Cart = {
  readonly currency: string;
  readonly minorDigits: number;
  readonly rounding: QuoteRequest['rounding'];
  /** Quantity times unit price of each line, not rounded. */
  readonly exact: readonly Decimal[];
  /** The share of each price to subtract, 0 to 1, or an amount in major units to subtract from the cart. */
  readonly discount: { readonly share: Decimal } | { readonly amount: Decimal };
  readonly taxRate: Decimal;
};

/** Amounts in major units, rounded to minor units. Each list has one entry per line. */
type PricedCart = {
  readonly ok: true;
  readonly lineTotals: readonly Decimal[];
  readonly discounts: readonly Decimal[];
  readonly taxes: readonly Decimal[];
  readonly subtotal: Decimal;
  readonly total: Decimal;
};

/** The pattern: the same step turns exact amounts into line totals, discounts and taxes. */
const price = ({ exact, discount, taxRate, minorDigits, rounding }: Cart): PricedCart | QuoteRefusal => {
  const round = (amount: Decimal) => roundTo(amount, minorDigits, rounding.mode);
  // Either each amount is rounded, or their sum is rounded once and allocated to the lines.
  const settle = (amounts: readonly Decimal[]) =>
    rounding.scope === 'line' ? amounts.map(round) : allocate(round(sum(amounts)), amounts, minorDigits);

  const lineTotals = settle(exact);
  const subtotal = sum(lineTotals);
  if (subtotal.greaterThan(MAX_MAJOR_UNITS)) {
    return refuse('amount_out_of_range', [{ pointer: '#/items', detail: `the subtotal ${TOO_LARGE}` }]);
  }
  if ('amount' in discount && discount.amount.greaterThan(subtotal)) {
    return refuse('discount_exceeds_subtotal', [
      { pointer: AMOUNT_OFF_POINTER, detail: 'exceeds the subtotal' },
    ]);
  }
  const discounts =
    'amount' in discount
      ? allocate(discount.amount, lineTotals, minorDigits)
      : settle(lineTotals.map((lineTotal) => lineTotal.times(discount.share)));

  const taxable = lineTotals.map((lineTotal, line) => lineTotal.minus(entry(discounts, line)));
  const taxes = settle(taxable.map((amount) => amount.times(taxRate)));
  const total = sum(taxable).plus(sum(taxes));
  if (total.greaterThan(MAX_MAJOR_UNITS)) {
    return refuse('amount_out_of_range', [
      { pointer: '#/tax_rate', detail: `the total with tax ${TOO_LARGE}` },
    ]);
  }
  return { ok: true, lineTotals, discounts, taxes, subtotal, total };
};

const readCart = (request: QuoteRequest, currency: string): Cart => {
  const { discount = { percent: '0' }, tax_rate = '0', rounding } = request;
  return {
    currency,
    minorDigits: minorDigitsOf(currency),
    rounding,
    exact: request.items.map((item) => parseAmount(item.unit_price.amount).times(item.quantity)),
    discount:
      'amount' in discount
        ? { amount: parseAmount(discount.amount.amount) }
        : { share: parseAmount(discount.percent).times('0.01') },
    taxRate: parseAmount(tax_rate),
  };
};

const namedCurrencies = ({ items, discount }: QuoteRequest): { pointer: string; currency: string }[] => {
  const named = items.map((item, line) => ({
    pointer: `#/items/${line}/unit_price/currency`,
    currency: item.unit_price.currency,
  }));
  if (discount && 'amount' in discount) {
    named.push({ pointer: '#/discount/amount/currency', currency: discount.amount.currency });
  }
  return named;
};

/** Checks the exact amounts: rounding cannot raise an amount above a maximum that is a whole number. */
const rangeFaults = ({ exact, discount, minorDigits }: Cart): QuoteFault[] => {
  const faults = exact.flatMap((amount, line) =>
    amount.greaterThan(MAX_MAJOR_UNITS)
      ? [{ pointer: `#/items/${line}/unit_price/amount`, detail: `times the quantity ${TOO_LARGE}` }]
      : [],
  );
  if ('share' in discount) return faults;
  if (discount.amount.greaterThan(MAX_MAJOR_UNITS)) {
    faults.push({ pointer: AMOUNT_OFF_POINTER, detail: TOO_LARGE });
  }
  if (discount.amount.decimalPlaces() > minorDigits) {
    faults.push({
      pointer: AMOUNT_OFF_POINTER,
      detail: `has more decimal places than the ${minorDigits} of its currency`,
    });
  }
  return faults;
};

const faultsAt = (places: readonly { readonly pointer: string }[], detail: string): QuoteFault[] =>
  places.map(({ pointer }) => ({ pointer, detail }));

const refuse = (code: QuoteRefusal['code'], faults: readonly QuoteFault[]): QuoteRefusal => ({
  ok: false,
  code,
  detail: REFUSALS[code],
  faults,
});

const printQuote = (request: QuoteRequest, cart: Cart, priced: PricedCart): Quote => {
  const { currency, minorDigits, rounding, exact } = cart;
  const money = (amount: Decimal) => ({ amount: formatAmount(amount, minorDigits), currency });
  return {
    currency,
    rounding,
    lines: request.items.map(({ sku, quantity, unit_price }, line) => ({
      sku,
      quantity,
      unit_price: money(parseAmount(unit_price.amount)),
      exact: money(entry(exact, line)),
      line_total: money(entry(priced.lineTotals, line)),
      discount: money(entry(priced.discounts, line)),
      tax: money(entry(priced.taxes, line)),
    })),
    subtotal: money(priced.subtotal),
    discount: money(sum(priced.discounts)),
    tax: money(sum(priced.taxes)),
    total: money(priced.total),
    item_count: request.items.reduce((count, item) => count + item.quantity, 0),
  };
};

const entry = (perLine: readonly Decimal[], line: number): Decimal => perLine[line] ?? ZERO;
