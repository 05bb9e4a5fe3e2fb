/**
 * Problem: each process has its own memory, so a caller of four processes would have four buckets.
 * Guarantees: one bucket for all processes, decided by one script in one round trip. A key expires when its bucket is
 * full, so Redis holds only the callers of the last window.
 * The clock of Redis counts, not that of the process that asks: one clock cannot disagree with itself, and processes
 * whose clocks differ would refill a bucket as often as they take turns.
 * Does NOT guarantee: buckets that survive a Redis that loses its data (they are full then), nor more than one Redis. If
 * its clock steps forward, full buckets expire; if it then steps back, they are full at the earlier time as well.
 */
import type { Redis } from '@lab/shared/redis';
import { z } from 'zod';
import { bucketScript } from './bucket-script.ts';
import type { BucketStore } from './bucket-store.ts';
import { unitsOf } from './token-bucket.ts';

const reply = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export interface RedisStoreDeps {
  readonly redis: Pick<Redis, 'run'>;
  /** Whole milliseconds (default: the clock of Redis). For tests. */
  readonly now?: () => number;
}

/** Keys expire by the clock of Redis, which says nothing about a bucket on another clock. */
const SPARE_MS = 600_000;

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

/** Buckets in Redis, under keys that begin with `prefix`. Rejects as `redis.run` does. */
export const createRedisStore = (
  { redis, now }: RedisStoreDeps,
  { prefix = 'rate-limit:' }: { readonly prefix?: string } = {},
): BucketStore => ({
  take: async ({ policy, limit, key }, cost) => {
    const { capacityUnits, unitsPerMs, windowMs } = limit;
    const [spareMs, time] = now === undefined ? [0, ''] : [SPARE_MS, now()];
    const call = {
      keys: [`${prefix}${policy}:${key}`],
      arguments: [capacityUnits, unitsPerMs, windowMs, unitsOf(cost), spareMs, time].map(String),
    };
    const answer = await redis.run(async (client) => {
      try {
        return await client.evalSha(bucketScript.sha1, call);
      } catch (error) {
        if (!isUnknownScript(error)) throw error;
        // A Redis that has just started. From now on it knows the script.
        return await client.eval(bucketScript.source, call);
      }
    });
    const [taken, units, updatedAtMs, nowMs] = reply.parse(answer);
    return { isTaken: taken === 1, bucket: { units, updatedAtMs }, nowMs };
  },
});
