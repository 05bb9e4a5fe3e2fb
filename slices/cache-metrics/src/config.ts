import { catalogSettings } from '@lab/catalog-pagination';
import { callerSettings, databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { redisSettings } from '@lab/shared/redis';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const MEBIBYTE = 1_048_576;

/** Settings of a server that caches the catalog. A new object each time, because marks belong to an instance. */
export const cacheSettings = () => ({
  ...redisSettings(),
  /** How long a cached answer is fresh. 0 switches the cache off. */
  CACHE_TTL_MS: wholeNumber(0, DAY_MS).default(30_000),
  /** How long after that it may still be served while a new one is loaded. */
  CACHE_STALE_MS: wholeNumber(0, DAY_MS).default(5000),
  /** How long it is remembered that a product does not exist. */
  CACHE_NEGATIVE_TTL_MS: wholeNumber(0, DAY_MS).default(5000),
  /** Share of the TTL, in percent, by which it is shortened at random, so that entries do not expire together. */
  CACHE_JITTER_PERCENT: wholeNumber(0, 100).default(10),
  /** Most entries of each cache in the memory of the process. */
  CACHE_MAX_ENTRIES: wholeNumber(1, 10_000_000).default(10_000),
  /** Most bytes of each cache in the memory of the process. */
  CACHE_MAX_BYTES: wholeNumber(1, 1024 * MEBIBYTE).default(64 * MEBIBYTE),
  /** With Redis: how long a copy in memory counts without asking Redis, should its invalidation not arrive. */
  CACHE_MEMORY_TTL_MS: wholeNumber(0, DAY_MS).default(1000),
  /** Makes each load of the origin slower, to see what the cache does. */
  ORIGIN_DELAY_MS: wholeNumber(0, 60_000).default(0),
});

export type CacheSettings = z.output<z.ZodObject<ReturnType<typeof cacheSettings>>>;

export const cacheMetricsSettings = z.object({
  ...serverSettings({ port: 3008 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/cache-metrics.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
  ...cacheSettings(),
});
