import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeTaken, fullBucket, type Limit, limitOf, takeTokens } from '../src/limiter/token-bucket.ts';
import { createReferenceBucket } from './reference-bucket.ts';

const rates = fc.integer({ min: 1, max: 5_000_000 }).map((thousandths) => thousandths / 1000);
const small = fc.record({
  capacity: fc.integer({ min: 1, max: 20 }),
  refillPerSecond: fc.integer({ min: 1, max: 5000 }).map((thousandths) => thousandths / 1000),
});
const limits = fc.record({ capacity: fc.integer({ min: 1, max: 2000 }), refillPerSecond: rates });

const START_MS = 1_800_000_000_000;
const LONG_MS = 100_000_000;

/** Steps of the clock and costs. */
const requestsOf = (stepMs: fc.Arbitrary<number>) =>
  fc.array(fc.record({ stepMs, cost: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 200 });

const forward = fc.integer({ min: 0, max: 5000 });

/** Clocks that step back, by far more than any window too, and return. */
const walks = requestsOf(
  fc.oneof(
    forward,
    fc.integer({ min: -5000, max: 5000 }),
    fc.constantFrom(-LONG_MS, LONG_MS),
    fc.integer({ min: -LONG_MS, max: LONG_MS }),
  ),
);

const play = (limit: Limit, requests: readonly { stepMs: number; cost: number }[]) => {
  let nowMs = START_MS;
  let bucket = fullBucket(limit, nowMs);
  return requests.map(({ stepMs, cost }) => {
    nowMs += stepMs;
    const before = bucket.units;
    const taken = takeTokens(limit, bucket, nowMs, Math.min(cost, limit.capacity));
    bucket = taken.bucket;
    return { nowMs, stepMs, cost: Math.min(cost, limit.capacity), before, taken };
  });
};

describe('a token bucket', () => {
  it('decides as the reference in exact fractions does', () => {
    fc.assert(
      fc.property(limits, requestsOf(forward), (given, requests) => {
        const limit = limitOf(given);
        const reference = createReferenceBucket(given.capacity, given.refillPerSecond);
        for (const { nowMs, cost, taken } of play(limit, requests)) {
          const decision = { allowed: taken.isTaken, ...describeTaken(limit, taken, cost) };
          expect(decision).toEqual(reference(nowMs, cost));
        }
      }),
    );
  });

  it('admits no more than capacity + rate x (latest - first time), however the clock walks', () => {
    fc.assert(
      fc.property(small, walks, (given, requests) => {
        const limit = limitOf(given);
        const played = play(limit, requests);
        const spanMs = Math.max(START_MS, ...played.map(({ nowMs }) => nowMs)) - START_MS;
        const spent = played.reduce((sum, { cost, taken }) => sum + (taken.isTaken ? cost : 0), 0);
        expect(BigInt(spent) * 1_000_000n).toBeLessThanOrEqual(
          BigInt(limit.capacityUnits) + BigInt(spanMs) * BigInt(limit.unitsPerMs),
        );
      }),
    );
  });

  it('decides on any walk as on the one whose clock stands still while it would be behind', () => {
    fc.assert(
      fc.property(limits, walks, (given, requests) => {
        const limit = limitOf(given);
        const reference = createReferenceBucket(given.capacity, given.refillPerSecond);
        reference(START_MS, 0);
        let latestMs = START_MS;
        for (const { nowMs, cost, before, taken } of play(limit, requests)) {
          latestMs = Math.max(latestMs, nowMs);
          const { allowed, remaining } = reference(latestMs, cost);
          expect([taken.isTaken, describeTaken(limit, taken, cost).remaining]).toEqual([allowed, remaining]);
          // Destroyed: a bucket lost more than what was taken out of it.
          expect(before - taken.bucket.units).toBeLessThanOrEqual(taken.isTaken ? cost * 1_000_000 : 0);
        }
      }),
    );
  });

  it('lets whoever waits retryAfterMs through, and no earlier, also after a step back', () => {
    fc.assert(
      fc.property(limits, walks, (given, requests) => {
        const limit = limitOf(given);
        for (const { nowMs, cost, taken } of play(limit, requests)) {
          const { retryAfterMs } = describeTaken(limit, taken, cost);
          const later = (ms: number) => takeTokens(limit, taken.bucket, nowMs + ms, cost).isTaken;
          if (taken.isTaken) continue;
          expect([later(retryAfterMs), later(retryAfterMs - 1)]).toEqual([true, false]);
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
