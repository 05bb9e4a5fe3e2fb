import { type Decimal, parseAmount, ROUNDING_MODES, type RoundingMode, sum } from '@lab/shared/money';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteCart } from '../src/pricing.ts';
import type { Quote, QuoteRequest } from '../src/quote-contract.ts';

const decimal = (max: number, decimals: number) =>
  fc
    .integer({ min: 0, max: max * 10 ** decimals })
    .map((figures) => (figures / 10 ** decimals).toFixed(decimals));

const currency = fc.constantFrom('USD', 'JPY', 'KWD', 'CLF');
const scope = fc.constantFrom('line', 'total');
const mode = fc.constantFrom(...ROUNDING_MODES);

/** Few distinct prices, so that ties are frequent. */
const price = fc.oneof(decimal(500, 2), decimal(5, 3), decimal(1, 6), fc.constantFrom('0', '1.005', '10'));

const cart = fc
  .record({
    currency,
    lines: fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 20 }), price }), {
      minLength: 1,
      maxLength: 12,
    }),
    rounding: fc.record({ mode, scope }),
    discount: fc.option(
      fc.oneof(
        decimal(100, 4).map((percent) => ({ percent })),
        fc.integer({ min: 0, max: 300 }).map((amount) => ({ amount: String(amount) })),
      ),
      { nil: undefined },
    ),
    tax_rate: decimal(1, 4),
  })
  .map(
    ({ currency, lines, rounding, discount, tax_rate }): QuoteRequest => ({
      items: lines.map(({ quantity, price }, index) => ({
        sku: `sku-${index}`,
        quantity,
        unit_price: { amount: price, currency },
      })),
      rounding,
      discount:
        discount && ('amount' in discount ? { amount: { amount: discount.amount, currency } } : discount),
      tax_rate,
    }),
  );

/** The quote. Runs whose discount exceeds the subtotal are skipped. */
const quoteOf = (request: QuoteRequest): Quote => {
  const outcome = quoteCart(request);
  fc.pre(outcome.ok || outcome.code !== 'discount_exceeds_subtotal');
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.quote;
};

const wholes = ({ subtotal, discount, tax, total }: Quote) => ({ subtotal, discount, tax, total });
const value = (money: Quote['total']): Decimal => parseAmount(money.amount);
const options = { seed: 4217, numRuns: 3000 };

test('reordering lines changes neither subtotal, discount, tax nor total', () => {
  const shuffled = cart.chain((request) =>
    fc.tuple(fc.constant(request), fc.shuffledSubarray(request.items, { minLength: request.items.length })),
  );
  fc.assert(
    fc.property(shuffled, ([request, items]) => {
      expect(wholes(quoteOf({ ...request, items }))).toEqual(wholes(quoteOf(request)));
    }),
    options,
  );
});

test('the amounts of the lines sum to the totals, and total = subtotal - discount + tax', () => {
  fc.assert(
    fc.property(cart, (request) => {
      const quote = quoteOf(request);
      const parts = (part: 'line_total' | 'discount' | 'tax') =>
        sum(quote.lines.map((line) => value(line[part])));
      expect(parts('line_total')).toEqual(value(quote.subtotal));
      expect(parts('discount')).toEqual(value(quote.discount));
      expect(parts('tax')).toEqual(value(quote.tax));
      expect(value(quote.subtotal).minus(value(quote.discount)).plus(value(quote.tax))).toEqual(
        value(quote.total),
      );
    }),
    options,
  );
});

test('no amount of a line is negative, and no discount exceeds its line', () => {
  fc.assert(
    fc.property(cart, (request) => {
      for (const line of quoteOf(request).lines) {
        expect([line.line_total, line.discount, line.tax].some((money) => value(money).isNegative())).toBe(
          false,
        );
        expect(value(line.discount).lessThanOrEqualTo(value(line.line_total))).toBe(true);
      }
    }),
    options,
  );
});

test('without a discount, a mode never charges more than a mode that rounds higher', () => {
  const fromLowest: RoundingMode[] = ['down', 'half_down', 'half_even', 'half_up', 'up'];
  fc.assert(
    fc.property(cart, ({ discount: _, ...request }) => {
      const totals = fromLowest.map((mode) =>
        value(quoteOf({ ...request, rounding: { ...request.rounding, mode } }).total),
      );
      expect(totals).toEqual(totals.toSorted((left, right) => left.comparedTo(right)));
    }),
    options,
  );
});
