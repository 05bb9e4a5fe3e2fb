/**
 * Problem: a map with a bucket for each caller grows for as long as new callers come.
 * The idea: two generations of buckets. Each time an empty bucket could have filled, the older generation is dropped as
 * a whole: its buckets have not been touched for that long, so they are full, and a full bucket need not be stored.
 * Guarantees: no limit is ever passed by forgetting, memory is bounded by the callers of two windows, and by
 * `maxBuckets` whatever happens. No timers, no scans.
 * Does NOT guarantee: limits across processes or restarts, nor for callers beyond `maxBuckets` at once: the buckets that
 * have not been touched for longest are then forgotten, which means full.
 */
import type { BucketOf } from './bucket-store.ts';
import { type Bucket, fullBucket, type Taken, takeTokens } from './token-bucket.ts';

interface Generations {
  young: Map<string, Bucket>;
  old: Map<string, Bucket>;
  bornAtMs: number;
}

export interface MemoryStoreOptions {
  /** Most buckets of one policy (default 200,000, about 40 MB). */
  readonly maxBuckets?: number;
}

/** Uptime in whole milliseconds. It cannot be set, so it never steps. */
const uptime = (): number => Math.floor(performance.now());

/** Buckets in the memory of this process. `now` is in whole milliseconds. */
export const createMemoryStore = (
  { now = uptime }: { readonly now?: () => number } = {},
  { maxBuckets = 200_000 }: MemoryStoreOptions = {},
) => {
  const policies = new Map<string, Generations>();
  /** A forgotten bucket was full at this time, to which a clock that has stepped back must not add. */
  let latestMs = Number.NEGATIVE_INFINITY;

  const generationsOf = ({ policy, limit }: BucketOf): Generations => {
    const known = policies.get(policy);
    if (known === undefined) {
      const made = { young: new Map(), old: new Map(), bornAtMs: latestMs };
      policies.set(policy, made);
      return made;
    }
    if (latestMs - known.bornAtMs >= limit.windowMs || known.young.size >= maxBuckets / 2) {
      known.old = known.young;
      known.young = new Map();
      known.bornAtMs = latestMs;
    }
    return known;
  };

  const take = (wanted: BucketOf, cost: number): Taken => {
    const nowMs = now();
    latestMs = Math.max(latestMs, nowMs);
    const { young, old } = generationsOf(wanted);
    const { key, limit } = wanted;
    const bucket = young.get(key) ?? old.get(key) ?? fullBucket(limit, latestMs);
    const taken = takeTokens(limit, bucket, nowMs, cost);
    young.set(key, taken.bucket);
    return taken;
  };

  return {
    take,
    /** How many buckets are stored. */
    get size() {
      return [...policies.values()].reduce((sum, { young, old }) => sum + young.size + old.size, 0);
    },
  };
};
