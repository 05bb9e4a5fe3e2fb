import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bucket, describeTaken, type Limit, limitOf, takeTokens } from '../src/limiter/token-bucket.ts';
import { createReferenceBucket } from './reference-bucket.ts';

const rates = fc.integer({ min: 1, max: 5_000_000 }).map((thousandths) => thousandths / 1000);
const limits = fc.record({ capacity: fc.integer({ min: 1, max: 2000 }), refillPerSecond: rates });

/** Steps of the clock and costs. */
const requestsWith = (least: number) =>
  fc.array(
    fc.record({ stepMs: fc.integer({ min: least, max: 5000 }), cost: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 200 },
  );

const play = (limit: Limit, requests: readonly { stepMs: number; cost: number }[]) => {
  let bucket: Bucket | undefined;
  let nowMs = 1_800_000_000_000;
  return requests.map(({ stepMs, cost }) => {
    nowMs += stepMs;
    const before = bucket;
    const taken = takeTokens(limit, bucket, nowMs, Math.min(cost, limit.capacity));
    bucket = taken.bucket;
    return { nowMs, stepMs, cost: Math.min(cost, limit.capacity), before, taken };
  });
};

describe('a token bucket', () => {
  it('decides as the reference in exact fractions does', () => {
    fc.assert(
      fc.property(limits, requestsWith(0), (given, requests) => {
        const limit = limitOf(given);
        const reference = createReferenceBucket(given.capacity, given.refillPerSecond);
        for (const { nowMs, cost, taken } of play(limit, requests)) {
          const decision = { allowed: taken.isTaken, ...describeTaken(limit, taken, cost) };
          expect(decision).toEqual(reference(nowMs, cost));
        }
      }),
    );
  });

  it('never has more or fewer tokens because the clock stepped back', () => {
    fc.assert(
      fc.property(limits, requestsWith(-100_000), (given, requests) => {
        const limit = limitOf(given);
        let ticksMs = 0;
        let spent = 0;
        for (const { stepMs, cost, before, taken } of play(limit, requests)) {
          ticksMs += Math.max(0, stepMs);
          spent += taken.isTaken ? cost : 0;
          // Minted: more was spent than the clock has brought while it went forward.
          expect(spent * 1_000_000).toBeLessThanOrEqual(limit.capacityUnits + ticksMs * limit.unitsPerMs);
          // Destroyed: a bucket lost more than what was taken out of it.
          const cameOut = (before?.units ?? limit.capacityUnits) - taken.bucket.units;
          expect(cameOut).toBeLessThanOrEqual(taken.isTaken ? cost * 1_000_000 : 0);
        }
      }),
    );
  });

  it('lets whoever waits retryAfterMs through, and no earlier, also after a step back', () => {
    fc.assert(
      fc.property(limits, requestsWith(-100_000), (given, requests) => {
        const limit = limitOf(given);
        for (const { nowMs, cost, taken } of play(limit, requests)) {
          const { retryAfterMs } = describeTaken(limit, taken, cost);
          const later = (ms: number) => takeTokens(limit, taken.bucket, nowMs + ms, cost).isTaken;
          if (taken.isTaken) continue;
          expect([later(retryAfterMs), later(retryAfterMs - 1)]).toEqual([true, false]);
          expect(retryAfterMs).toBeLessThanOrEqual(2 * limit.windowMs);
        }
      }),
    );
  });

  it.each([
    [0, 1],
    [1.5, 1],
    [1_000_001, 1],
    [5, 0],
    [5, 0.0001],
    [5, 0.1234],
    [5, -1],
    [5, Number.NaN],
    [5, 1_000_001],
  ])('refuses a capacity of %d with a refill of %d', (capacity, refillPerSecond) => {
    expect(() => limitOf({ capacity, refillPerSecond })).toThrow(RangeError);
  });
});
