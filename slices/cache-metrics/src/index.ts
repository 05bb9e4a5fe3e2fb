export { createCoarseClock } from './cache/coarse-clock.ts';
export { createReadThrough, type ReadThrough } from './cache/read-through.ts';
export { type CatalogCaches, createCatalogCaches, type Invalidate } from './catalog-caches.ts';
export { cacheMetricsSettings, cacheSettings } from './config.ts';
export { cacheMetricsMigrations } from './migrations.ts';
export { createPortalRouter, type PortalOptions } from './portal/portal-router.ts';
export {
  type CacheMetricsDeps,
  type CacheMetricsTables,
  createCacheMetricsRouter,
  createCacheMetricsRouters,
} from './router.ts';
export { type CacheNameTables, startCaches } from './start-caches.ts';
