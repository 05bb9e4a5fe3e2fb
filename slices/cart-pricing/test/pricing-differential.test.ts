import { expect, test } from 'vitest';
import { quoteCart } from '../src/pricing.ts';
import { compareWithOracle } from './compare-quotes.ts';
import { randomCarts } from './random-carts.ts';

test('prices 100,000 random carts as the exact oracle does, field by field', { timeout: 60_000 }, () => {
  const { quotes, refusals, difference } = compareWithOracle(quoteCart, randomCarts(100_000, 20_261_120));
  expect(difference).toBeUndefined();
  expect(quotes).toBeGreaterThan(90_000);
  expect(refusals).toBeGreaterThan(1_000);
});
