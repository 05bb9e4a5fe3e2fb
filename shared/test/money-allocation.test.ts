import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allocate, formatAmount, parseAmount, sum } from '../src/money/index.ts';

const split = (whole: string, weights: readonly string[], minorDigits = 2): string[] => {
  const parts = allocate(parseAmount(whole), weights.map(parseAmount), minorDigits);
  return parts.map((part) => formatAmount(part, minorDigits));
};

test.each([
  ['equal weights: the earlier first', '10.00', ['1', '1', '1'], ['3.34', '3.33', '3.33']],
  ['equal remainders: the larger weight first', '0.02', ['1', '3'], ['0.00', '0.02']],
  ['the larger remainder though of the smaller weight', '0.05', ['3.4', '1.6'], ['0.03', '0.02']],
  ['a weight of nothing gets nothing', '0.05', ['0', '1', '1'], ['0.00', '0.03', '0.02']],
  ['nothing over nothing', '0', ['0', '0'], ['0.00', '0.00']],
  ['nothing over no one', '0', [], []],
])('%s', (_name, whole, weights, parts) => {
  expect(split(whole, weights)).toEqual(parts);
});

test('decides ties on exact remainders where quotients rounded to 20 digits would be equal', () => {
  // Quotas 0.5 - 1e-31 and 0.5 + 1e-31 of the one unit: the second is owed it, whatever the order says.
  const half = '5'.padEnd(31, '0');
  const less = (BigInt(half) - 1n).toString();
  const more = (BigInt(half) + 1n).toString();
  expect(split('1', [less, more], 0)).toEqual(['0', '1']);
  expect(split('1', [half, half], 0)).toEqual(['1', '0']);
});

test.each([
  ['a negative whole', '-0.01', ['1']],
  ['a whole finer than the minor unit', '0.001', ['1']],
  ['a negative weight', '1.00', ['2', '-1']],
  ['something over nothing', '0.01', ['0']],
  ['something over no one', '0.01', []],
])('refuses %s', (_name, whole, weights) => {
  expect(() => split(whole, weights)).toThrow(RangeError);
});

const cents = (max: number) => fc.integer({ min: 0, max }).map((value) => (value / 100).toFixed(2));

test('parts sum to the whole and each is its quota rounded down or up', () => {
  const weightLists = fc
    .array(cents(1_000_000), { minLength: 1, maxLength: 20 })
    .filter((weights) => weights.some((weight) => Number(weight) > 0));
  fc.assert(
    fc.property(cents(100_000_000), weightLists, (whole, weights) => {
      const parts = allocate(parseAmount(whole), weights.map(parseAmount), 2);
      expect(formatAmount(sum(parts), 2)).toBe(whole);
      const weightSum = weights.reduce((total, weight) => total + BigInt(weight.replace('.', '')), 0n);
      parts.forEach((part, index) => {
        const quota = BigInt(whole.replace('.', '')) * BigInt((weights[index] ?? '').replace('.', ''));
        const floor = quota / weightSum;
        const partCents = BigInt(part.times(100).toFixed());
        expect(partCents === floor || (partCents === floor + 1n && quota % weightSum > 0n)).toBe(true);
      });
    }),
    { seed: 4217, numRuns: 1000 },
  );
});
