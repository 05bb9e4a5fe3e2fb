import { quoteCart } from '../src/pricing.ts';
import type { QuoteRequest } from '../src/quote-contract.ts';
import { oracleQuote } from '../test/exact-oracle.ts';
import { randomCarts } from '../test/random-carts.ts';
import { floatTotal } from './naive-pricing.ts';

const carts = 100_000;
const seed = 20_261_120;

const exactTotal = (request: QuoteRequest): string | undefined => {
  const quote = oracleQuote(request);
  return typeof quote === 'string' ? undefined : quote.total.amount;
};

const labTotal = (request: QuoteRequest): string | undefined => {
  const outcome = quoteCart(request);
  return outcome.ok ? outcome.quote.total.amount : undefined;
};

const wrong = { naive: 0, lab: 0 };
let priced = 0;
let example = '';
for (const request of randomCarts(carts, seed)) {
  // The naive way knows one rounding only; it is held against carts that ask for that one.
  if (request.rounding.mode !== 'half_up' || request.rounding.scope !== 'line') continue;
  const exact = exactTotal(request);
  if (exact === undefined) continue;
  priced += 1;
  const naive = floatTotal(request);
  if (naive !== exact) {
    wrong.naive += 1;
    const { items, discount, tax_rate } = request;
    const isSmall = items.length === 1 && !discount && !tax_rate;
    if (isSmall && example === '') {
      const [item] = items;
      example = `${item?.quantity} x ${item?.unit_price.amount} ${item?.unit_price.currency}: ${naive} charged, ${exact} right`;
    }
  }
  if (labTotal(request) !== exact) wrong.lab += 1;
}

console.log(`${priced} random carts, rounding half_up per line, against exact rational arithmetic`);
console.log(`Math.round(x * 100) / 100: ${wrong.naive} wrong totals; the first small one: ${example}`);
console.log(`slices/cart-pricing:       ${wrong.lab} wrong totals`);
