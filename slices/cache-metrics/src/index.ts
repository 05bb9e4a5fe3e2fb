export { cacheMetricsSettings } from './config.ts';
export { cacheMetricsMigrations } from './migrations.ts';
export { type CacheMetricsTables, createNoteStore, type NoteStore } from './note-store.ts';
export { type CacheMetricsDeps, createCacheMetricsRouter } from './router.ts';
