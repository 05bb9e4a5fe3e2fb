import { createSeededRandom } from '@lab/testing';
import { expect, test } from 'vitest';
import { fullJitter } from '../src/calls/retry.ts';

const SAMPLES = 10_000;
const BASE_MS = 100;
const CAP_MS = 1000;

type Jitter = typeof fullJitter;

const boundOf = (retry: number): number => Math.min(CAP_MS, BASE_MS * 2 ** (retry - 1));

const sample = (jitter: Jitter, retry: number): number[] => {
  const random = createSeededRandom(20_261_120 + retry);
  return Array.from({ length: SAMPLES }, () => jitter({ baseMs: BASE_MS, capMs: CAP_MS, random }, retry));
};

/** The Kolmogorov-Smirnov distance from the uniform distribution on [0, bound). */
const distance = (values: readonly number[], bound: number): number =>
  Math.max(
    ...values
      .toSorted((a, b) => a - b)
      .map((value, index) => {
        const expected = value / bound;
        return Math.max(expected - index / values.length, (index + 1) / values.length - expected);
      }),
  );

/** Exceeded by one sample of a thousand that is uniform (Massey, 1951). */
const CRITICAL = 1.95 / Math.sqrt(SAMPLES);

const faultsOf = (jitter: Jitter): string[] =>
  [1, 2, 3, 4, 5, 40].flatMap((retry) => {
    const bound = boundOf(retry);
    const values = sample(jitter, retry);
    const isOutside = values.some((value) => value < 0 || value >= bound);
    const isUneven = distance(values, bound) > CRITICAL;
    return [
      ...(isOutside ? [`retry ${retry} waits out of bounds`] : []),
      ...(isUneven ? [`retry ${retry} is uneven`] : []),
    ];
  });

test('waits are uniform between 0 and a bound that doubles up to the cap, 10,000 samples of each', () => {
  expect(faultsOf(fullJitter)).toEqual([]);
});

test.each<[string, Jitter]>([
  ['no jitter', ({ baseMs, capMs }, retry) => Math.min(capMs, baseMs * 2 ** (retry - 1))],
  ['equal jitter', (options, retry) => (boundOf(retry) + fullJitter(options, retry)) / 2],
  [
    'jitter before the cap',
    ({ baseMs, capMs, random }, retry) => Math.min(capMs, random() * baseMs * 2 ** (retry - 1)),
  ],
  ['a bound that begins doubled', (options, retry) => fullJitter(options, retry + 1)],
  [
    'a slight preference for short waits',
    (options, retry) => fullJitter(options, retry) * options.random() ** 0.05,
  ],
])('(detector) %s is found', (_name, jitter) => {
  expect(faultsOf(jitter)).not.toEqual([]);
});
