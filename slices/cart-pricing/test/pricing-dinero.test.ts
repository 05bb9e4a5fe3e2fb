import { allocate, dinero, toDecimal } from 'dinero.js/bigint';
import { expect, test } from 'vitest';
import { quoteCart } from '../src/pricing.ts';
import type { Quote, QuoteRequest } from '../src/quote-contract.ts';
import type { Pricing } from './compare-quotes.ts';
import { dineroWholes } from './dinero-pricing.ts';
import { roundingBugs } from './planted-bugs.ts';
import { randomCarts } from './random-carts.ts';

type Wholes = ReturnType<typeof dineroWholes>;

/** The fields of the quote that dinero.js can compute. */
const sameFieldsOf = (quote: Quote, wholes: Wholes): Wholes => {
  return {
    lineTotals: wholes.lineTotals && quote.lines.map((line) => line.line_total.amount),
    subtotal: quote.subtotal.amount,
    discount: quote.discount.amount,
    tax: wholes.tax && quote.tax.amount,
  };
};

/** Prices every cart both ways, up to the first difference. */
const compareWithDinero = (pricing: Pricing, carts: Iterable<QuoteRequest>) => {
  let quotes = 0;
  let taxes = 0;
  for (const request of carts) {
    const outcome = pricing(request);
    if (!outcome.ok) continue;
    const wholes = dineroWholes(request);
    const ours = sameFieldsOf(outcome.quote, wholes);
    if (JSON.stringify(ours) !== JSON.stringify(wholes))
      return { quotes, taxes, difference: { request, ours, wholes } };
    quotes++;
    if (wholes.tax !== undefined) taxes++;
  }
  return { quotes, taxes };
};

test('20,000 random carts have the totals that dinero.js computes, in every mode and scope', {
  timeout: 30_000,
}, () => {
  const { quotes, taxes, difference } = compareWithDinero(quoteCart, randomCarts(20_000, 4217));
  expect(difference).toBeUndefined();
  expect(quotes).toBeGreaterThan(18_000);
  expect(taxes).toBeGreaterThan(12_000);
});

test.each(roundingBugs)('the comparison with dinero.js catches a planted bug: %s', (_name, pricing) => {
  expect(compareWithDinero(pricing, randomCarts(5_000, 4217)).difference).toBeDefined();
});

test('a discount over equal lines is allocated as dinero.js does it', () => {
  const usd = { code: 'USD', base: 10n, exponent: 2n };
  for (let lines = 1; lines <= 100; lines++) {
    const outcome = quoteCart({
      items: Array.from({ length: lines }, () => ({
        sku: 'x',
        quantity: 1,
        unit_price: { amount: '20', currency: 'USD' },
      })),
      rounding: { mode: 'half_even', scope: 'line' },
      discount: { amount: { amount: '10.00', currency: 'USD' } },
    });
    const parts = allocate(
      dinero({ amount: 1000n, currency: usd }),
      Array.from({ length: lines }, () => 1n),
    );
    expect(outcome.ok && outcome.quote.lines.map((line) => line.discount.amount)).toEqual(
      parts.map((part) => toDecimal(part)),
    );
  }
});
