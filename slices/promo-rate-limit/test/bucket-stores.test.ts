import { openRedis, type Redis } from '@lab/shared/redis';
import { createSeededRandom, onRedis } from '@lab/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BucketStore, createMemoryStore, createRateLimiter, createRedisStore } from '../src/index.ts';
import { limitOf } from '../src/limiter/token-bucket.ts';
import { createReferenceBucket } from './reference-bucket.ts';

const isFull = process.env.FULL_PROOF === '1';
const USERS = isFull ? 1_000_000 : 60_000;

/** What every store must do. `open` makes an empty one on this clock. */
const storeContract = (open: (now: () => number) => BucketStore, operations: number): void => {
  const START_MS = 1_800_000_000_000;

  it(`decides ${operations.toLocaleString('en')} random requests as the reference does`, async () => {
    const random = createSeededRandom(10);
    const below = (most: number) => Math.floor(random() * most);
    let nowMs = START_MS;
    const store = open(() => nowMs);
    const limits = [
      { capacity: 5, refillPerSecond: 0.1 },
      { capacity: 100, refillPerSecond: 33.333 },
      { capacity: 1, refillPerSecond: 1000 },
      { capacity: 2000, refillPerSecond: 7 },
    ].map((limit, index) => {
      const policy = { name: `p${index}`, ...limit, withoutStore: 'closed' } as const;
      const limiter = createRateLimiter(policy, { store });
      const references = Array.from({ length: 25 }, () =>
        createReferenceBucket(limit.capacity, limit.refillPerSecond),
      );
      return { limiter, references, most: Math.min(3, limit.capacity) };
    });
    let wrong = 0;
    // Requests are compared in the order in which they are sent, which Redis keeps once it knows the script.
    await limits[0]?.limiter.take('first');
    for (let sent = 0; sent < operations; ) {
      const batch = Array.from({ length: Math.min(500, operations - sent) }, async () => {
        nowMs += random() < 0.9 ? below(3) : below(20_000);
        const chosen = limits[below(limits.length)];
        const caller = below(25);
        if (random() < 0.1) {
          chosen?.references[caller]?.(nowMs, -1);
          await chosen?.limiter.giveBack(`caller-${caller}`);
          return;
        }
        const cost = 1 + below(chosen?.most ?? 1);
        const expected = chosen?.references[caller]?.(nowMs, cost);
        const decision = await chosen?.limiter.take(`caller-${caller}`, cost);
        const { outcome, ...told } = decision ?? { outcome: 'none' };
        if (JSON.stringify(told) !== JSON.stringify(expected)) wrong += 1;
        if (!['allowed', 'limited'].includes(outcome)) wrong += 1;
      });
      sent += batch.length;
      await Promise.all(batch);
    }
    expect(wrong).toBe(0);
  }, 120_000);

  it('admits exactly the capacity when requests come at once', async () => {
    const policy = { name: 'burst', capacity: 70, refillPerSecond: 0.001, withoutStore: 'closed' } as const;
    const { take } = createRateLimiter(policy, { store: open(() => START_MS) });
    const decisions = await Promise.all(Array.from({ length: 300 }, () => take('one')));
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(70);
    expect((await take('another')).remaining).toBe(69);
  });

  it('pauses the refill while the clock is behind, however far', async () => {
    let nowMs = START_MS;
    const policy = { name: 'step', capacity: 10, refillPerSecond: 1, withoutStore: 'closed' } as const;
    const { take } = createRateLimiter(policy, { store: open(() => nowMs) });
    expect(await take('one', 8)).toMatchObject({ remaining: 2 });
    nowMs -= 5000;
    expect(await take('one')).toMatchObject({ allowed: true, remaining: 1 });
    nowMs += 5000;
    expect(await take('one')).toMatchObject({ allowed: true, remaining: 0 });
    nowMs -= 3_600_000;
    expect(await take('one')).toMatchObject({ allowed: false, retryAfterMs: 3_601_000 });
    nowMs += 3_600_000;
    expect(await take('one')).toMatchObject({ allowed: false, retryAfterMs: 1000 });
    nowMs += 1000;
    expect(await take('one')).toMatchObject({ allowed: true, remaining: 0 });
  });

  it('admits no more than capacity + rate x (latest - earliest time), however the clock walks', async () => {
    const random = createSeededRandom(11);
    const policy = { name: 'walk', capacity: 5, refillPerSecond: 0.5, withoutStore: 'closed' } as const;
    for (let walk = 0; walk < 20; walk += 1) {
      let nowMs = START_MS;
      const { take } = createRateLimiter(policy, { store: open(() => nowMs) });
      const admitted = new Map<string, number>();
      const times: number[] = [];
      for (let sent = 0; sent < 100; sent += 1) {
        // In steps of about a window, back to the start every now and then.
        nowMs = random() < 0.05 ? START_MS : nowMs + Math.floor((random() - 0.5) * 12_000);
        times.push(nowMs);
        const key = `caller-${sent % 3}`;
        if ((await take(key)).allowed) admitted.set(key, (admitted.get(key) ?? 0) + 1);
      }
      const most = 5 + (Math.max(...times) - Math.min(...times)) / 2000;
      expect(Math.max(...admitted.values())).toBeLessThanOrEqual(most);
    }
  });
};

describe('in memory', () => {
  storeContract((now) => createMemoryStore({ now }), 100_000);

  it(`forgets full buckets: ${USERS.toLocaleString('en')} users do not grow it without end, and nobody gets more`, async () => {
    let nowMs = 0;
    const store = createMemoryStore({ now: () => nowMs });
    const policy = { name: 'promo', capacity: 5, refillPerSecond: 0.1, withoutStore: 'closed' } as const;
    const { take } = createRateLimiter(policy, { store });
    let most = 0;
    let wrong = 0;
    for (let user = 0; user < USERS; user += 1) {
      // 200 users a second; one of them spends everything and comes back after 40 s, with 4 new tokens.
      if (user % 200 === 0) nowMs += 1000;
      const { allowed } = await take(`shopper:${user}`);
      if (!allowed) wrong += 1;
      if (user % 20_000 === 0) await take(`spender:${user}`, 5);
      if (user % 20_000 === 8000) {
        const { remaining } = await take(`spender:${user - 8000}`);
        if (remaining !== 3) wrong += 1;
      }
      if (user % 1000 === 0) most = Math.max(most, store.size);
    }
    expect(wrong).toBe(0);
    // 50 s fill an empty bucket: the users of two such windows are remembered.
    expect(most).toBeLessThanOrEqual(2 * 50 * 200 + 400);
  }, 60_000);

  it('holds no more than maxBuckets, even if all callers of a window are new', async () => {
    const store = createMemoryStore({ now: () => 0 }, { maxBuckets: 1000 });
    const policy = { name: 'promo', capacity: 5, refillPerSecond: 0.001, withoutStore: 'closed' } as const;
    const { take } = createRateLimiter(policy, { store });
    for (let user = 0; user < 10_000; user += 1) await take(`shopper:${user}`);
    expect(store.size).toBeLessThanOrEqual(1000);
  });
});

await onRedis(({ url, newPrefix }) => {
  let redis: Redis;
  beforeAll(async () => {
    redis = openRedis(url, { timeoutMs: 10_000 });
    await vi.waitFor(() => expect(redis.isReady).toBe(true), 10_000);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  storeContract(
    (now) => createRedisStore({ redis, now }, { prefix: newPrefix() }),
    isFull ? 100_000 : 10_000,
  );

  it('uses the clock of Redis, and keeps a key only until its bucket is full', async () => {
    const prefix = newPrefix();
    const policy = { name: 'promo', capacity: 5, refillPerSecond: 0.1, withoutStore: 'closed' } as const;
    const store = createRedisStore({ redis }, { prefix });
    const { take } = createRateLimiter(policy, { store });
    await take('shopper:1', 3);
    const key = `${prefix}promo:shopper:1`;
    const ttlMs = await redis.run((client) => client.pTTL(key));
    expect(ttlMs).toBeGreaterThan(20_000);
    expect(ttlMs).toBeLessThanOrEqual(30_000);
    const [time] = await redis.run((client) => client.time());
    const { bucket } = await store.take({ policy: 'promo', limit: limitOf(policy), key: 'shopper:1' }, 1);
    expect(bucket.updatedAtMs).toBeGreaterThan((Number(time) - 5) * 1000);
  });

  it('asks for all buckets of one turn together, at most 200 in a call, and each policy by itself', async () => {
    let calls = 0;
    const counted: Pick<Redis, 'run'> = {
      run: (commands) => {
        calls += 1;
        return redis.run(commands);
      },
    };
    const store = createRedisStore({ redis: counted }, { prefix: newPrefix() });
    const limit = limitOf({ capacity: 3, refillPerSecond: 0.001 });
    const ask = (policy: string, count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, index) => store.take({ policy, limit, key: `${index % 100}` }, 1)),
      );
    const [taken, others] = await Promise.all([ask('one', 450), ask('another', 10)]);
    // Each of 100 buckets had 3 tokens, and was asked 4 or 5 times.
    expect(taken.map(({ isTaken }) => isTaken)).toEqual(taken.map((_, index) => index < 300));
    expect(others.every(({ isTaken }) => isTaken)).toBe(true);
    expect(calls).toBe(3 + 1);
  });

  it('needs one round trip, also for the Redis that has forgotten the script', async () => {
    const { take } = createRedisStore({ redis }, { prefix: newPrefix() });
    await redis.run((client) => client.scriptFlush());
    const bucket = {
      policy: 'promo',
      limit: limitOf({ capacity: 2, refillPerSecond: 0.001 }),
      key: 'one',
    };
    const taken = [await take(bucket, 1), await take(bucket, 1), await take(bucket, 1)];
    expect(taken.map(({ isTaken }) => isTaken)).toEqual([true, true, false]);
  });
});
