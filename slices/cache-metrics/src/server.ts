import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { cacheMetricsSettings } from './config.ts';
import { cacheMetricsMigrations } from './migrations.ts';
import { type CacheMetricsTables, createNoteStore } from './note-store.ts';
import { createCacheMetricsRouter, tag } from './router.ts';

await serve({
  name: 'cache-metrics',
  title: 'Cache metrics',
  description: tag.description,
  settings: cacheMetricsSettings,
  start: async (server) => {
    const db = await startDatabase<CacheMetricsTables>(server, [cacheMetricsMigrations]);
    return [createCacheMetricsRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
