import { productNotFound } from '@lab/catalog-pagination';
import type { ContractRouter } from '@lab/shared/http';
import type { Redis } from '@lab/shared/redis';
import type { Registry } from 'prom-client';
import { createCoarseClock } from './cache/coarse-clock.ts';
import { openInvalidations } from './cache/invalidations.ts';
import { createReadThrough, type ReadThrough, type ReadThroughOptions } from './cache/read-through.ts';
import { createRedisTier } from './cache/redis-tier.ts';
import { type Counts, createCacheCounts } from './cache-counts.ts';
import { type CachedReply, decodeReply, encodeReply, sizeOfReply } from './cached-reply.ts';
import { type CachedRoute, cacheRoutes } from './cached-routes.ts';
import type { CacheSettings } from './config.ts';

/** One cache of the catalog with its figures. */
export interface NamedCache {
  readonly name: string;
  /** Begins its keys: `product:` or `page:`. */
  readonly prefix: string;
  readonly cache: ReadThrough<CachedReply>;
  readonly counts: Counts;
}

/** To be called by whoever writes products, after the write has committed, and also if its outcome is unknown. */
export interface Invalidate {
  /** Products that have changed, come or gone, by id. Resolves when all processes have been told. Never rejects. */
  readonly products: (ids: readonly string[]) => Promise<void>;
  /** The whole catalog, such as after a category has moved. */
  readonly everything: () => Promise<void>;
}

/** What the second tier needs. */
export interface SharedCache {
  readonly redis: Redis;
  /** Tells databases apart that use one Redis. */
  readonly name: string;
  readonly resources: AsyncDisposableStack;
  readonly onError: (error: unknown) => void;
}

export interface CatalogCachesDeps {
  readonly registry: Registry;
  /** Absent: the caches are in the memory of this process only. */
  readonly shared?: SharedCache | undefined;
}

type Options = Pick<
  CacheSettings,
  | 'CACHE_TTL_MS'
  | 'CACHE_STALE_MS'
  | 'CACHE_NEGATIVE_TTL_MS'
  | 'CACHE_JITTER_PERCENT'
  | 'CACHE_MAX_ENTRIES'
  | 'CACHE_MAX_BYTES'
  | 'CACHE_MEMORY_TTL_MS'
  | 'ORIGIN_DELAY_MS'
>;

const optionsOf = (settings: Options): ReadThroughOptions => ({
  ttlMs: settings.CACHE_TTL_MS,
  staleMs: settings.CACHE_STALE_MS,
  negativeTtlMs: settings.CACHE_NEGATIVE_TTL_MS,
  jitter: settings.CACHE_JITTER_PERCENT / 100,
  maxEntries: settings.CACHE_MAX_ENTRIES,
  maxBytes: settings.CACHE_MAX_BYTES,
  boundMs: settings.CACHE_MEMORY_TTL_MS,
});

/** With more products than this, all of them are forgotten. */
const MOST_IDS = 1000;

/** `category=snacks&limit=20&sort=newest`: in the order of names, defaults included. */
const canonicalQuery = (query: Readonly<Record<string, unknown>>): string =>
  new URLSearchParams(
    Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]): [string, string] => [name, String(value)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ).toString();

const routesOf = (
  products: ReadThrough<CachedReply>,
  pages: ReadThrough<CachedReply>,
  settings: Options,
): Readonly<Record<string, CachedRoute>> => {
  const common = { isOff: settings.CACHE_TTL_MS === 0, originDelayMs: settings.ORIGIN_DELAY_MS };
  return {
    readProduct: {
      ...common,
      cache: products,
      keyOf: ({ params }) => `product:${params.id}`,
      absent: productNotFound,
    },
    listProducts: { ...common, cache: pages, keyOf: ({ query }) => `page:${canonicalQuery(query)}` },
  };
};

/** Opens the second tiers of caches, by the names of the caches. */
const createTiers = ({ redis, name, resources, onError }: SharedCache) => {
  const invalidations = openInvalidations(redis, { channel: `lab-cache:${name}`, onError });
  resources.use(invalidations);
  const deps = { redis, invalidations, encode: encodeReply, decode: decodeReply, onError };
  return (cache: string) => createRedisTier<CachedReply>(deps, { name: `${name}:${cache}` });
};

/**
 * The caches of a catalog: one of products and one of the pages that list them, with a second tier in Redis if there is
 * one. A page is a key of its own, and any product may be on it, so any change of a product clears all pages.
 */
export const createCatalogCaches = ({ registry, shared }: CatalogCachesDeps, settings: Options) => {
  const counts = createCacheCounts(registry);
  const tierOf = shared && createTiers(shared);
  const nowMs = createCoarseClock();

  const create = (name: string, prefix: string): NamedCache => {
    const { events, counts: counted, watch } = counts.of(name);
    const tier = tierOf?.(name);
    const cache = createReadThrough<CachedReply>(
      { nowMs, random: Math.random, sizeOf: sizeOfReply, events, tier },
      optionsOf(settings),
    );
    watch(cache);
    return { name, prefix, cache, counts: counted };
  };

  const [products, pages] = [create('products', 'product:'), create('pages', 'page:')];
  const everything = async (): Promise<void> => {
    await Promise.all([products.cache.clear(), pages.cache.clear()]);
  };
  const invalidate: Invalidate = {
    products: async (ids) => {
      if (ids.length > MOST_IDS) return everything();
      const forgotten = ids.map((id) => products.cache.invalidate(`product:${id}`));
      await Promise.all([...forgotten, pages.cache.clear()]);
    },
    everything,
  };
  const routes = routesOf(products.cache, pages.cache, settings);

  return {
    all: [products, pages],
    invalidate,
    /** The same router, with the caches around its routes `readProduct` and `listProducts`, if it has them. */
    around: (router: ContractRouter): ContractRouter => {
      const names = new Set(router.contracts.map(({ name }) => name));
      return cacheRoutes(
        router,
        Object.fromEntries(Object.entries(routes).filter(([name]) => names.has(name))),
      );
    },
  };
};

export type CatalogCaches = ReturnType<typeof createCatalogCaches>;
