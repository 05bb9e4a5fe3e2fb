/**
 * Prices a cart. Binary floats make 1.005 into 1.00, and a rounding that happens "somewhere" charges 34.12
 * where 34.116425 was computed; so here all arithmetic is exact decimal and every rounding is one call of
 * `settle`, whose mode and scope the request names and the quote repeats.
 * Guarantees: the parts of the lines sum to the wholes, no line falls below 0, the order of lines changes no
 * whole. Does NOT guarantee that the two scopes agree: each line may move a whole by up to a minor unit.
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
  mixed_currency: 'All amounts of a cart must be of one currency.',
  amount_out_of_range: 'An amount of the cart is too large or too fine to be priced.',
  discount_exceeds_subtotal: 'The discount is above the subtotal of the cart.',
} as const;

/** Where a request is at fault: a JSON pointer as URI fragment, and a text without any received value. */
type QuoteFault = { readonly pointer: string; readonly detail: string };

type QuoteRefusal = {
  readonly ok: false;
  readonly code: keyof typeof REFUSALS;
  readonly detail: string;
  readonly faults: readonly QuoteFault[];
};

export type QuoteOutcome = { readonly ok: true; readonly quote: Quote } | QuoteRefusal;

const MAX_MAJOR_UNITS = parseAmount('999999999999');
const TOO_LARGE = 'is above 999999999999 major units';
const AMOUNT_OFF_POINTER = '#/discount/amount/amount';

/**
 * Quotes a request that has passed `quoteRequestSchema`. The stages run in order: currencies known, one
 * currency, amounts in range, discount within the subtotal. A refusal lists all faults of the first to fail.
 */
export const quoteCart = (request: QuoteRequest): QuoteOutcome => {
  const named = namedCurrencies(request);
  const unknown = named.filter(({ currency }) => !isKnownCurrency(currency));
  if (unknown.length > 0) {
    return refuse('unsupported_currency', faultsAt(unknown, 'is not a currency to price in'));
  }
  const currency = named[0]?.currency ?? '';
  const foreign = named.filter((other) => other.currency !== currency);
  if (foreign.length > 0) {
    return refuse('mixed_currency', faultsAt(foreign, 'is not the currency of the first line'));
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
  /** quantity x unit price of each line, unrounded. */
  readonly exact: readonly Decimal[];
  /** Part of the price taken off, 0 to 1; or an amount in major units taken off the whole. */
  readonly discount: { readonly share: Decimal } | { readonly amount: Decimal };
  readonly taxRate: Decimal;
};

/** Amounts in major units, all whole minor units; the lists have one entry a line. */
type PricedCart = {
  readonly ok: true;
  readonly lineTotals: readonly Decimal[];
  readonly discounts: readonly Decimal[];
  readonly taxes: readonly Decimal[];
  readonly subtotal: Decimal;
  readonly total: Decimal;
};

/** The pattern: line totals, discounts and taxes come from exact amounts by one and the same step. */
const price = ({ exact, discount, taxRate, minorDigits, rounding }: Cart): PricedCart | QuoteRefusal => {
  const round = (amount: Decimal) => roundTo(amount, minorDigits, rounding.mode);
  // Either each amount is rounded, or their sum is rounded once and spread over them.
  const settle = (amounts: readonly Decimal[]) =>
    rounding.scope === 'line' ? amounts.map(round) : allocate(round(sum(amounts)), amounts, minorDigits);

  const lineTotals = settle(exact);
  const subtotal = sum(lineTotals);
  if (subtotal.greaterThan(MAX_MAJOR_UNITS)) {
    return refuse('amount_out_of_range', [{ pointer: '#/items', detail: `the subtotal ${TOO_LARGE}` }]);
  }
  if ('amount' in discount && discount.amount.greaterThan(subtotal)) {
    return refuse('discount_exceeds_subtotal', [
      { pointer: AMOUNT_OFF_POINTER, detail: 'is above the subtotal' },
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

/** Rounding cannot lift an amount over a maximum that is a whole number, so the exact amounts decide. */
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
      detail: `has more than the ${minorDigits} decimals of its currency`,
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
