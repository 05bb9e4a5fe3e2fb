/** How an attempt was decided. */
type AttemptDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterMs: number };

/**
 * Limits attempts by key. What the slice needs of a rate limiter: one of its own in memory, or a shared one that the
 * composition plugs in.
 */
export interface AttemptLimiter {
  /** Takes one attempt. A refused one costs nothing, so that asking does not prolong the wait. */
  readonly take: (key: string) => Promise<AttemptDecision>;
  /** Gives one back, after an attempt that need not count: a login that succeeded. */
  readonly giveBack: (key: string) => Promise<void>;
}

export interface AttemptOptions {
  /** Attempts at once. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  /** Keys kept at most (default 10,000). The one that was used longest ago is forgotten first. */
  readonly maxKeys?: number;
}

/** A token bucket for each key, in the memory of this process. */
export const createAttemptLimiter = (
  { now }: { readonly now: () => Date },
  { capacity, refillPerSecond, maxKeys = 10_000 }: AttemptOptions,
): AttemptLimiter => {
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  const refilled = (key: string): { tokens: number; atMs: number } => {
    const nowMs = now().getTime();
    const bucket = buckets.get(key) ?? { tokens: capacity, atMs: nowMs };
    const elapsedMs = Math.max(0, nowMs - bucket.atMs);
    return { tokens: Math.min(capacity, bucket.tokens + (elapsedMs / 1000) * refillPerSecond), atMs: nowMs };
  };

  const keep = (key: string, bucket: { tokens: number; atMs: number }): void => {
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxKeys && oldest !== undefined) buckets.delete(oldest);
  };

  return {
    take: async (key) => {
      const bucket = refilled(key);
      if (bucket.tokens < 1) {
        keep(key, bucket);
        return { allowed: false, retryAfterMs: ((1 - bucket.tokens) / refillPerSecond) * 1000 };
      }
      keep(key, { ...bucket, tokens: bucket.tokens - 1 });
      return { allowed: true };
    },
    giveBack: async (key) => {
      const bucket = refilled(key);
      keep(key, { ...bucket, tokens: Math.min(capacity, bucket.tokens + 1) });
    },
  };
};
