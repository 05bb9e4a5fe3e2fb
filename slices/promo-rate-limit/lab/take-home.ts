import { randomUUIDv7 } from 'node:crypto';
import {
  createMemoryStore,
  createPromoRouter,
  createPromoStore,
  createRateLimiter,
  limitRate,
  type PromoTables,
  promoMigrations,
  rateLimitGuard,
  seedPromoCodes,
} from '@lab/promo-rate-limit';
import { migrate, openDatabase } from '@lab/shared/database';
import { type Callers, problemHandler } from '@lab/shared/http';
import { createMetrics } from '@lab/shared/observability';
import express from 'express';

/** Your own Express app, with the promo codes under a prefix and a rate limit of your own on another route. */
export const createOwnApp = async (databaseUrl: string, callers: Callers) => {
  const db = openDatabase<PromoTables>(databaseUrl);
  await migrate(db, [promoMigrations]);
  const now = () => new Date();
  await seedPromoCodes(db, { now });

  const store = createMemoryStore();
  const search = createRateLimiter(
    { name: 'search', capacity: 2, refillPerSecond: 1, withoutStore: 'open' },
    { store },
  );
  const attempts = createRateLimiter(
    { name: 'promo', capacity: 5, refillPerSecond: 0.1, withoutStore: 'closed' },
    { store },
  );
  const promos = createPromoStore(db, { now, newId: randomUUIDv7 });
  const router = createPromoRouter({ promos, callers, registry: createMetrics() });

  const app = express();
  app.get('/search', rateLimitGuard(search), (_req, res) => void res.send('Found'));
  app.use('/shop', limitRate(router, attempts, { only: ['applyPromo'] }));
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, db };
};
