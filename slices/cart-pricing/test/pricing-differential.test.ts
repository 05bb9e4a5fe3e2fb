import { expect, test } from 'vitest';
import { quoteCart } from '../src/pricing.ts';
import { compareWithOracle } from './compare-quotes.ts';
import { roundingBugs, soundSpread, spreadBugs } from './planted-bugs.ts';
import { randomCarts } from './random-carts.ts';

const SEED = 20_261_120;
const CARTS = process.env.FULL_PROOF === '1' ? 100_000 : 20_000;

test(`prices ${CARTS} random carts as the exact oracle does, field by field`, { timeout: 60_000 }, () => {
  const { quotes, refusals, difference } = compareWithOracle(quoteCart, randomCarts(CARTS, SEED));
  expect(difference).toBeUndefined();
  expect(quotes).toBeGreaterThan(0.9 * CARTS);
  expect(refusals).toBeGreaterThan(0.01 * CARTS);
});

test.each([...roundingBugs, ...spreadBugs])('the comparison catches a planted bug: %s', (_name, pricing) => {
  expect(compareWithOracle(pricing, randomCarts(5_000, SEED)).difference).toBeDefined();
});

test('the comparison finds no bug in a correct allocation that is written differently', () => {
  expect(compareWithOracle(soundSpread, randomCarts(5_000, SEED)).difference).toBeUndefined();
});
