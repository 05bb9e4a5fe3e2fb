/** `node lab/bench.ts`: decisions per second of these buckets and of rate-limiter-flexible's windows, in turns. */
import { once } from 'node:events';
import { openRedis } from '@lab/shared/redis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import { type BucketStore, createMemoryStore, createRateLimiter, createRedisStore } from '../src/index.ts';

const CALLERS = 1000;
const ROUNDS = 9;
const keys = Array.from({ length: CALLERS }, (_, index) => `shopper:${index}`);
const run = `bench-${process.pid}:`;

/** Resolves with whether the request is let through. */
type Take = (key: string) => Promise<boolean>;

const LIMITS = { 'all let through': 1_000_000, 'nearly all refused': 1 };

const ours = (capacity: number, store: BucketStore): Take => {
  const policy = { name: `p${capacity}`, capacity, refillPerSecond: 0.001, withoutStore: 'closed' } as const;
  const limiter = createRateLimiter(policy, { store });
  return async (key) => (await limiter.take(key)).allowed;
};

/** It refuses by rejecting. */
const theirs =
  (limiter: RateLimiterAbstract): Take =>
  async (key) => {
    try {
      await limiter.consume(key);
      return true;
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      return false;
    }
  };

/** Decisions per second, of which `atOnce` are asked for at the same time. */
const measure = async (take: Take, decisions: number, atOnce: number): Promise<number> => {
  const startedAtMs = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < decisions) {
      const key = keys[(next * 7919) % CALLERS] ?? '';
      next += 1;
      await take(key);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return decisions / ((performance.now() - startedAtMs) / 1000);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

interface Contest {
  readonly title: string;
  readonly ours: Take;
  readonly theirs: Take;
  readonly decisions: number;
  readonly atOnce: number;
}

const compare = async ({ title, decisions, atOnce, ...takes }: Contest): Promise<void> => {
  const rounds = { ours: [0], theirs: [0] };
  const names = ['ours', 'theirs'] as const;
  // The first round fills the stores and lets the code be compiled.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const name of round % 2 === 0 ? names : names.toReversed())
      rounds[name][round] = await measure(takes[name], decisions, atOnce);
  const [own, others] = [rounds.ours.slice(1), rounds.theirs.slice(1)];
  const ratio = median(own.map((perSecond, index) => perSecond / (others[index] ?? 1)));
  const shown = (values: readonly number[]) => Math.round(median(values)).toLocaleString('en').padStart(10);
  console.log(`${title.padEnd(29)}${shown(own)}${shown(others).padStart(24)}${ratio.toFixed(2).padStart(8)}`);
};

console.log(`Decisions per second about ${CALLERS} callers; the median of ${ROUNDS} rounds in turns\n`);
console.log(`${' '.repeat(29)}this slice   rate-limiter-flexible   ratio`);
for (const [what, capacity] of Object.entries(LIMITS))
  await compare({
    title: `memory, ${what}`,
    ours: ours(capacity, createMemoryStore()),
    theirs: theirs(new RateLimiterMemory({ points: capacity, duration: 3600 })),
    ...{ decisions: 100_000, atOnce: 1 },
  });

const redis = openRedis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', { timeoutMs: 10_000 });
await once(redis.client, 'ready', { signal: AbortSignal.timeout(5000) });
for (const [what, capacity] of Object.entries(LIMITS))
  await compare({
    title: `Redis, ${what}`,
    ours: ours(capacity, createRedisStore({ redis }, { prefix: run })),
    theirs: theirs(
      new RateLimiterRedis({
        storeClient: redis.client,
        useRedisPackage: true,
        keyPrefix: `${run}theirs-${capacity}`,
        points: capacity,
        duration: 3600,
      }),
    ),
    ...{ decisions: 10_000, atOnce: 100 },
  });
const made = await redis.client.keys(`${run}*`);
await redis.client.del(made);
await redis[Symbol.asyncDispose]();
