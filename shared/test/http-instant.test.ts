import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatInstant } from '../src/http/index.ts';

const toIso = (epochMs: number): string => new Date(epochMs).toISOString();

it('writes any time as Date does', () => {
  const anyTime = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
  const nearADay = fc
    .integer({ min: -40_000, max: 40_000 })
    .chain((day) => fc.integer({ min: -2, max: 2 }).map((ms) => day * 86_400_000 + ms));
  const holds = (epochMs: number): void => {
    expect(formatInstant(epochMs)).toBe(toIso(epochMs));
  };
  fc.assert(fc.property(fc.oneof(anyTime, nearADay), holds), { numRuns: 20_000 });
  for (const edge of [-8.64e15, -1, 0, 8.64e15, Date.UTC(2028, 1, 29, 23, 59, 59, 999)]) holds(edge);
});

it('refuses what is no time, as Date does', () => {
  for (const none of [Number.NaN, Number.POSITIVE_INFINITY, 8.65e15]) {
    expect(() => formatInstant(none)).toThrow(RangeError);
  }
});
