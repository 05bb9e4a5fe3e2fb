import {
  type CacheMetricsTables,
  cacheMetricsMigrations,
  cacheSettings,
  createCacheMetricsRouters,
  createCatalogCaches,
} from '@lab/cache-metrics';
import { catalogMigrations, createProductStore } from '@lab/catalog-pagination';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';
import { Registry } from 'prom-client';
import { z } from 'zod';

/** Your own Express app, with the slice mounted under a prefix of your choice. */
export const createOwnApp = async (databaseUrl: string) => {
  const db = openDatabase<CacheMetricsTables>(databaseUrl);
  await migrate(db, [catalogMigrations, cacheMetricsMigrations]);
  const products = createProductStore(db);
  const cursors = createCursors({ secret: 'a secret of at least 32 characters', list: 'products' });
  const callers = createCallers({ authTokens: new Map(), adminToken: 'change me', trustUserHeader: false });
  const caches = createCatalogCaches(
    { registry: new Registry() },
    z.object(cacheSettings()).parse({ CACHE_TTL_MS: '60000' }),
  );

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', ...createCacheMetricsRouters({ products, cursors, caches, callers }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
