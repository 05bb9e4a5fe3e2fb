/**
 * Problem: one caller may send a burst, but must not take more than their share over time.
 * The idea: a bucket holds `capacity` tokens and is refilled at a constant rate. A request takes its cost out, or is
 * refused and takes nothing.
 * Guarantees: in any window of T seconds, at most `capacity + refillPerSecond * T` tokens are taken, exactly: all
 * arithmetic is on whole numbers. Whoever waits `retryAfterMs` finds enough tokens if nobody else takes any. The time of
 * a bucket never moves back: a clock that steps backwards adds no token and takes none, whatever the size of the step,
 * and neither when it returns. Meanwhile the refill pauses, until the clock is where it was.
 * Is NOT a counter per fixed window (twice the limit passes around the boundary), nor GCRA's single number, the time at
 * which the bucket is full (after a step back it lies far ahead, and full buckets are empty).
 * Does NOT guarantee: that a step to a time which the bucket has not seen adds nothing, because it cannot be told from
 * time that has passed. Nor anything if two requests read the same bucket at once: its store decides their order.
 */

/** Tokens are counted in millionths, so that a refill of 0.001 tokens a second is a whole number in each millisecond. */
const UNITS_PER_TOKEN = 1_000_000;
const MOST_TOKENS = 1_000_000;

/** A whole number of tokens in the units of a bucket. */
export const unitsOf = (tokens: number): number => tokens * UNITS_PER_TOKEN;

/** A limit in the units of its buckets. Made by `limitOf`. */
export interface Limit {
  /** Tokens in a full bucket. */
  readonly capacity: number;
  readonly capacityUnits: number;
  readonly unitsPerMs: number;
  /** The time in which an empty bucket fills, in milliseconds, rounded up. */
  readonly windowMs: number;
}

/** The state of a bucket. A full one need not be stored. */
export interface Bucket {
  /** Millionths of a token. */
  readonly units: number;
  /** When they were counted, in milliseconds. Ahead of the clock if that has stepped back. */
  readonly updatedAtMs: number;
}

/** What became of one request. */
export interface Taken {
  readonly isTaken: boolean;
  readonly bucket: Bucket;
  /** The time of the decision, in milliseconds. */
  readonly nowMs: number;
}

/**
 * A limit of `capacity` tokens (1 to 1,000,000), refilled by `refillPerSecond` (0.001 to 1,000,000, with at most three
 * decimals). Throws a RangeError for other numbers.
 */
export const limitOf = ({
  capacity,
  refillPerSecond,
}: {
  readonly capacity: number;
  readonly refillPerSecond: number;
}): Limit => {
  const unitsPerMs = Math.round(refillPerSecond * 1000);
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > MOST_TOKENS)
    throw new RangeError('the capacity must be a whole number of tokens from 1 to 1,000,000');
  if (!(unitsPerMs >= 1) || unitsPerMs > MOST_TOKENS * 1000 || unitsPerMs / 1000 !== refillPerSecond)
    throw new RangeError(
      'the refill must be 0.001 to 1,000,000 tokens a second, with at most three decimals',
    );
  const capacityUnits = unitsOf(capacity);
  return { capacity, capacityUnits, unitsPerMs, windowMs: Math.ceil(capacityUnits / unitsPerMs) };
};

/** Throws a RangeError unless a full bucket could pay for this. */
export const requireCost = ({ capacity }: Limit, cost: number): void => {
  if (!Number.isInteger(cost) || cost < 1 || cost > capacity)
    throw new RangeError(`a request must cost 1 to ${capacity} tokens`);
};

export const fullBucket = ({ capacityUnits }: Limit, atMs: number): Bucket => ({
  units: capacityUnits,
  updatedAtMs: atMs,
});

/** The bucket at this time, refilled. */
const refill = (
  { capacityUnits, unitsPerMs, windowMs }: Limit,
  { units, updatedAtMs }: Bucket,
  nowMs: number,
): Bucket => {
  // At most a window, so that the product stays within the whole numbers of a double.
  const elapsedMs = Math.min(Math.max(0, nowMs - updatedAtMs), windowMs);
  return {
    units: Math.min(capacityUnits, units + elapsedMs * unitsPerMs),
    updatedAtMs: Math.max(nowMs, updatedAtMs),
  };
};

/**
 * Takes `cost` tokens if the bucket has them; a negative cost gives tokens back, as far as there is room. `nowMs` is in
 * whole milliseconds, of any clock that only this bucket sees.
 */
export const takeTokens = (limit: Limit, bucket: Bucket, nowMs: number, cost: number): Taken => {
  const { units, updatedAtMs } = refill(limit, bucket, nowMs);
  const left = Math.min(limit.capacityUnits, units - unitsOf(cost));
  const isTaken = left >= 0;
  return { isTaken, bucket: { units: isTaken ? left : units, updatedAtMs }, nowMs };
};

/** The milliseconds until a bucket has this many units, including the pause after the clock has stepped back. */
const msUntil = ({ unitsPerMs }: Limit, { bucket, nowMs }: Taken, units: number): number =>
  bucket.units >= units ? 0 : bucket.updatedAtMs - nowMs + Math.ceil((units - bucket.units) / unitsPerMs);

/** What the client is told: whole tokens left, and milliseconds until it may try again and until the bucket is full. */
export const describeTaken = (limit: Limit, taken: Taken, cost: number) => ({
  remaining: Math.floor(taken.bucket.units / UNITS_PER_TOKEN),
  retryAfterMs: taken.isTaken ? 0 : msUntil(limit, taken, unitsOf(cost)),
  resetMs: msUntil(limit, taken, limit.capacityUnits),
});
