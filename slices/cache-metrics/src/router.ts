import { type CatalogDeps, type CatalogTables, createCatalogRouters } from '@lab/catalog-pagination';
import {
  type Callers,
  type ContractRouter,
  createRouter,
  defineRoute,
  route,
  storableText,
} from '@lab/shared/http';
import { z } from 'zod';
import type { CatalogCaches, NamedCache } from './catalog-caches.ts';
import { createPortalRouter } from './portal/portal-router.ts';
import { changeProductRoute, type ProductChangeDeps } from './product-change.ts';
import type { CacheNameTables } from './start-caches.ts';
import { tag } from './tag.ts';

/** The tables of a server that caches the catalog. */
export type CacheMetricsTables = CatalogTables & CacheNameTables;

export interface CacheMetricsDeps extends Pick<ProductChangeDeps, 'products'> {
  readonly caches: CatalogCaches;
  readonly callers: Callers;
}

const count = z.int().min(0);

const figures = {
  size: count.meta({ description: 'Entries in the memory of this process', example: 2 }),
  bytes: count.meta({ description: 'What they take together', example: 5120 }),
  hits: count.meta({ description: 'Requests answered from the cache', example: 98 }),
  misses: count.meta({ description: 'Requests that were loaded, or waited for a load', example: 2 }),
  hit_ratio: z
    .number()
    .min(0)
    .max(1)
    .meta({ description: 'Hits of all requests; 0 before the first', example: 0.98 }),
};

const cacheFigures = z
  .strictObject({ ...figures, caches: z.array(z.strictObject({ cache: z.string(), ...figures })) })
  .meta({
    id: 'cache-metrics.Figures',
    example: {
      ...{ size: 2, bytes: 5120, hits: 98, misses: 2, hit_ratio: 0.98 },
      caches: [{ cache: 'products', size: 2, bytes: 5120, hits: 98, misses: 2, hit_ratio: 0.98 }],
    },
  });

const ratioOf = (hits: number, misses: number): number => (hits === 0 ? 0 : hits / (hits + misses));

const figuresOf = ({ name, cache, counts: { hits, misses } }: NamedCache) => {
  const { size, bytes } = cache;
  return { cache: name, size, bytes, hits, misses, hit_ratio: ratioOf(hits, misses) };
};

const readCache = defineRoute({
  method: 'GET',
  path: '/cache',
  name: 'readCache',
  summary: 'Size and hit ratio of the caches of this process',
  tag,
  reveals: 'metrics',
  responses: { 200: { description: 'All caches together, and each of them', body: cacheFigures } },
});

/** What is cached belongs to the catalog. */
const forStaff = { tag, caller: 'operator', permission: 'catalog:write' } as const;
const noContent = { 204: { description: 'Forgotten, in this process and in all that share its Redis' } };

const clearCache = defineRoute({
  ...forStaff,
  method: 'DELETE',
  path: '/cache',
  name: 'clearCache',
  summary: 'Forget everything',
  responses: noContent,
});

const forgetKey = defineRoute({
  ...forStaff,
  method: 'DELETE',
  path: '/cache/:key',
  name: 'forgetCachedKey',
  summary: 'Forget one key, whether or not it is cached',
  params: z.strictObject({
    key: storableText(1, 2048).meta({
      description: '`product:<id>`, or `page:<query>` with all parameters in the order of their names',
      example: 'product:016f5e66-e800-78b7-86bc-514e28b7addc',
    }),
  }),
  responses: noContent,
});

/** The routes that change products and show and clear the caches. The routes that read are wrapped by `caches.around`. */
export const createCacheMetricsRouter = ({ products, caches, callers }: CacheMetricsDeps): ContractRouter =>
  createRouter(
    [
      changeProductRoute({ products, invalidate: caches.invalidate }),
      route(readCache).handle(() => {
        const each = caches.all.map(figuresOf);
        const total = (name: 'size' | 'bytes' | 'hits' | 'misses') =>
          each.reduce((sum, cache) => sum + cache[name], 0);
        const [hits, misses] = [total('hits'), total('misses')];
        const all = {
          size: total('size'),
          bytes: total('bytes'),
          hits,
          misses,
          hit_ratio: ratioOf(hits, misses),
        };
        return { status: 200, body: { ...all, caches: each } };
      }),
      route(clearCache).handle(async () => {
        await caches.invalidate.everything();
        return { status: 204 };
      }),
      route(forgetKey).handle(async ({ params: { key } }) => {
        const holders = caches.all.filter(({ prefix }) => key.startsWith(prefix));
        await Promise.all(holders.map(({ cache }) => cache.invalidate(key)));
        return { status: 204 };
      }),
    ],
    { callers },
  );

/** All routes of a server that caches the catalog: the catalog's own, cached, those above, and the metrics portal. */
export const createCacheMetricsRouters = (
  deps: CatalogDeps & CacheMetricsDeps,
): readonly ContractRouter[] => [
  ...createCatalogRouters(deps).map(deps.caches.around),
  createCacheMetricsRouter(deps),
  createPortalRouter(),
];
