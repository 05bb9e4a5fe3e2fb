import { expect } from 'vitest';
import { quoteCart } from '../src/pricing.ts';
import { quoteRequestSchema, quoteSchema } from '../src/quote-contract.ts';

export type Price = string | readonly [amount: string, quantity: number, currency?: string];

/** Quotes a request as the API does: checks the request and the quote against their schemas. */
export const quote = (prices: readonly Price[], terms: object = {}) => {
  const items = prices.map((price, index) => {
    const [amount, quantity, currency = 'USD'] = typeof price === 'string' ? [price, 1] : price;
    return { sku: `sku-${index}`, quantity, unit_price: { amount, currency } };
  });
  const outcome = quoteCart(quoteRequestSchema.parse({ items, ...terms }));
  if (outcome.ok) expect(quoteSchema.parse(outcome.quote)).toEqual(outcome.quote);
  return outcome;
};

/** The totals and the amounts of the lines, without their currency. */
export const amounts = (prices: readonly Price[], terms: object = {}) => {
  const outcome = quote(prices, terms);
  if (!outcome.ok) throw new Error(outcome.code);
  const { lines, subtotal, discount, tax, total } = outcome.quote;
  return {
    wholes: [subtotal, discount, tax, total].map((money) => money.amount),
    line_totals: lines.map((line) => line.line_total.amount),
    discounts: lines.map((line) => line.discount.amount),
    taxes: lines.map((line) => line.tax.amount),
  };
};

export const usd = (amount: string) => ({ amount, currency: 'USD' });
export const rounding = (mode: string, scope = 'line') => ({ rounding: { mode, scope } });
