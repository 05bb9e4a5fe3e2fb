import { catalogMigrations, createProductStore, prepareCatalog } from '@lab/catalog-pagination';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { startRedis } from '@lab/shared/redis';
import { cacheMetricsSettings } from './config.ts';
import { cacheMetricsMigrations } from './migrations.ts';
import { type CacheMetricsTables, createCacheMetricsRouters } from './router.ts';
import { startCaches } from './start-caches.ts';
import { tag } from './tag.ts';

await serve({
  name: 'cache-metrics',
  title: 'Cache and metrics',
  description: tag.description,
  settings: cacheMetricsSettings,
  start: async (server) => {
    const { settings } = server;
    const migrations = [catalogMigrations, cacheMetricsMigrations];
    const db = await startDatabase<CacheMetricsTables>(server, migrations, (opened) =>
      prepareCatalog(opened, settings.SEED_PRODUCTS),
    );
    return createCacheMetricsRouters({
      products: createProductStore(db),
      cursors: createCursors({ secret: settings.CURSOR_SECRET, list: 'products' }),
      caches: await startCaches(server, { db, redis: startRedis(server) }),
      callers: createCallers(callerOptions(settings)),
    });
  },
});
