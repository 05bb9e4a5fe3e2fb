import { openRedis } from '@lab/shared/redis';
import { onTestFinished, vi } from 'vitest';
import { openInvalidations } from '../src/cache/invalidations.ts';
import { createReadThrough } from '../src/cache/read-through.ts';
import { createRedisTier } from '../src/cache/redis-tier.ts';
import type { SecondTier } from '../src/cache/second-tier.ts';

export const BOUND_MS = 1000;

export interface ProcessOptions {
  /** Whether the messages of other processes never arrive. */
  readonly isDeaf?: boolean;
  /** Pause until an unconfirmed invalidation is sent again. */
  readonly repeatMs?: number;
  /** Puts a bug into the second tier. */
  readonly plant?: (tier: SecondTier<unknown>) => SecondTier<unknown>;
}

/** What one process has: a memory with a clock of its own, and a connection to Redis. It lasts until the test ends. */
const openProcess = async (
  url: string,
  name: string,
  { isDeaf = false, repeatMs = 20, plant = (tier) => tier }: ProcessOptions = {},
) => {
  let nowMs = 0;
  let loads = 0;
  let heard = 0;
  const onError = (error: unknown) => {
    throw error;
  };
  const redis = openRedis(url, { timeoutMs: 2000 });
  const invalidations = openInvalidations(redis, { channel: name, onError });
  onTestFinished(async () => {
    await invalidations[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });
  const tier = createRedisTier<unknown>(
    { redis, invalidations, encode: JSON.stringify, decode: JSON.parse, onError },
    { name, repeatMs },
  );
  const listening: SecondTier<unknown> = {
    ...plant(tier),
    listen: (onInvalidated) =>
      tier.listen((key) => {
        heard += 1;
        if (!isDeaf) onInvalidated(key);
      }),
  };
  const ignore = () => undefined;
  const cache = createReadThrough<unknown>(
    {
      nowMs: () => nowMs,
      random: () => 0,
      sizeOf: () => 1,
      events: { onHit: ignore, onMiss: ignore, onEvict: ignore, onLoad: () => (loads += 1) },
      tier: listening,
    },
    {
      ...{ ttlMs: 60_000, staleMs: 10_000, negativeTtlMs: 60_000, jitter: 0, boundMs: BOUND_MS },
      ...{ maxEntries: 10_000, maxBytes: 10_000 },
    },
  );
  await vi.waitFor(() => {
    if (!redis.isReady) throw new Error('there is no Redis');
  }, 10_000);
  // The subscription is there when a message of another process arrives.
  return {
    cache,
    redis,
    loads: () => loads,
    heard: () => heard,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
};

export type Process = Awaited<ReturnType<typeof openProcess>>;

/** Opens processes that hear each other. */
export const openProcesses = async (
  url: string,
  name: string,
  options: readonly ProcessOptions[],
): Promise<readonly Process[]> => {
  const processes = await Promise.all(options.map((each) => openProcess(url, name, each)));
  for (const sender of processes) {
    const before = processes.map(({ heard }) => heard());
    await vi.waitFor(async () => {
      await sender.cache.invalidate('whoever listens');
      const isHeard = processes.every(
        (each, index) => each === sender || each.heard() > (before[index] ?? 0),
      );
      if (!isHeard) throw new Error('a process does not hear another one');
    }, 10_000);
  }
  return processes;
};
