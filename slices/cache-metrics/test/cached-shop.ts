import { catalogMigrations, createProductStore, loadSample } from '@lab/catalog-pagination';
import { loadSettings } from '@lab/shared/config';
import { migrate } from '@lab/shared/database';
import { callerOptions, createCallers } from '@lab/shared/http';
import { createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import { createTestApp, type DatabaseEngine } from '@lab/testing';
import { createCatalogCaches } from '../src/catalog-caches.ts';
import { cacheMetricsSettings } from '../src/config.ts';
import { cacheMetricsMigrations } from '../src/migrations.ts';
import { type CacheMetricsTables, createCacheMetricsRouters } from '../src/router.ts';

export const operator = { 'X-Admin-Token': 'dev-admin-token' };

/** The id of the first product of the sample. */
export const FIRST = '016f5e66-e800-78b7-86bc-514e28b7addc';

export interface ShopOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Called before each read of a product from the database. */
  readonly beforeFind?: (id: string) => Promise<void>;
}

/** A cached catalog of 200 sample products, without Redis. Counts the reads of the database. */
export const openShop = async (engine: DatabaseEngine, { env = {}, beforeFind }: ShopOptions = {}) => {
  const { db } = await engine.open<CacheMetricsTables>();
  await migrate(db, [catalogMigrations, cacheMetricsMigrations]);
  await loadSample(db, 200);
  const { values: settings } = loadSettings(cacheMetricsSettings, { env: { APP_ENV: 'test', ...env } });
  const registry = createMetrics();
  const caches = createCatalogCaches({ registry }, settings);
  const store = createProductStore(db);
  const reads = { find: 0, page: 0 };
  const products = {
    ...store,
    find: async (id: string) => {
      reads.find += 1;
      await beforeFind?.(id);
      return store.find(id);
    },
    page: (query: Parameters<typeof store.page>[0]) => {
      reads.page += 1;
      return store.page(query);
    },
  };
  const routers = createCacheMetricsRouters({
    products,
    caches,
    cursors: createCursors({ secret: settings.CURSOR_SECRET, list: 'products' }),
    callers: createCallers(callerOptions(settings)),
  });
  return { app: createTestApp(routers, { registry }), db, store, caches, reads };
};
