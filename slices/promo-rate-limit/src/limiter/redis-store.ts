/**
 * Problem: each process has its own memory, so a caller of four processes would have four buckets.
 * Guarantees: one bucket for all processes, decided by one script in one round trip. What is asked for in one turn of the
 * event loop shares a call, which is twice as fast where many requests come at once. A key expires when its bucket is
 * full, so Redis holds only the callers of the last window.
 * The clock of Redis counts, not that of the process that asks: one clock cannot disagree with itself, and processes
 * whose clocks differ would refill a bucket as often as they take turns.
 * Does NOT guarantee: buckets that survive a Redis that loses its data (they are full then), nor more than one Redis. If
 * its clock steps forward, full buckets expire; if it then steps back, they are full at the earlier time as well.
 */
import type { Redis } from '@lab/shared/redis';
import { z } from 'zod';
import { bucketScript } from './bucket-script.ts';
import type { BucketOf, BucketStore } from './bucket-store.ts';
import { type Limit, type Taken, unitsOf } from './token-bucket.ts';

const reply = z.tuple([z.number(), z.array(z.tuple([z.number(), z.number(), z.number()]))]);

export interface RedisStoreDeps {
  readonly redis: Pick<Redis, 'run'>;
  /** Whole milliseconds (default: the clock of Redis). For tests. */
  readonly now?: () => number;
}

/** Keys expire by the clock of Redis, which says nothing about a bucket on another clock. */
const SPARE_MS = 600_000;

/** So that no call keeps Redis from others for long. */
const MOST_OF_A_CALL = 200;

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT');

/** Decisions that are asked for together. */
interface Call {
  readonly limit: Limit;
  readonly cost: number;
  readonly time: number | '';
  readonly keys: string[];
  readonly waiting: PromiseWithResolvers<Taken>[];
}

const isLike = (call: Call, { limit, cost, time }: Pick<Call, 'limit' | 'cost' | 'time'>): boolean =>
  call.limit === limit && call.cost === cost && call.time === time && call.keys.length < MOST_OF_A_CALL;

/** Buckets in Redis, under keys that begin with `prefix`. Rejects as `redis.run` does. */
export const createRedisStore = (
  { redis, now }: RedisStoreDeps,
  { prefix = 'rate-limit:' }: { readonly prefix?: string } = {},
): BucketStore => {
  const decide = async ({ limit, cost, time, keys }: Call) => {
    const { capacityUnits, unitsPerMs, windowMs } = limit;
    const spareMs = time === '' ? 0 : SPARE_MS;
    const call = {
      keys,
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
    const [nowMs, decisions] = reply.parse(answer);
    return decisions.map(([taken, units, updatedAtMs]) => ({
      isTaken: taken === 1,
      bucket: { units, updatedAtMs },
      nowMs,
    }));
  };

  const send = async (call: Call): Promise<void> => {
    try {
      for (const [index, taken] of (await decide(call)).entries()) call.waiting[index]?.resolve(taken);
    } catch (error) {
      for (const { reject } of call.waiting) reject(error);
    }
  };

  /** In the order in which they are sent. Only the last call of a policy may grow, so its buckets keep their order. */
  let calls: Call[] = [];
  const lastOf = new Map<string, Call>();

  const flush = (): void => {
    const ready = calls;
    calls = [];
    lastOf.clear();
    for (const call of ready) void send(call);
  };

  const callFor = ({ policy, limit }: BucketOf, cost: number): Call => {
    const time = now === undefined ? '' : now();
    const last = lastOf.get(policy);
    if (last !== undefined && isLike(last, { limit, cost, time })) return last;
    const call: Call = { limit, cost, time, keys: [], waiting: [] };
    if (calls.length === 0) setImmediate(flush);
    calls.push(call);
    lastOf.set(policy, call);
    return call;
  };

  return {
    take: (bucket, cost) => {
      const { keys, waiting } = callFor(bucket, cost);
      const decision = Promise.withResolvers<Taken>();
      keys.push(`${prefix}${bucket.policy}:${bucket.key}`);
      waiting.push(decision);
      return decision.promise;
    },
  };
};
