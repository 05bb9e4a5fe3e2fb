import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { startRedis } from '@lab/shared/redis';
import { promoPolicy, promoRateLimitSettings } from './config.ts';
import { limitRate } from './limiter/rate-limit-guard.ts';
import { createServerLimiters } from './limiter/server-limiters.ts';
import { promoMigrations } from './migrations.ts';
import { tag } from './promo/promo-contract.ts';
import { createPromoStore } from './promo/promo-store.ts';
import type { PromoTables } from './promo/promo-tables.ts';
import { createPromoRouter } from './promo/router.ts';
import { seedPromoCodes } from './promo/sample-codes.ts';

const now = () => new Date();

await serve({
  name: 'promo-rate-limit',
  title: 'Promo rate limit',
  description: tag.description,
  settings: promoRateLimitSettings,
  start: async (server) => {
    const { settings, registry, logger } = server;
    const db = await startDatabase<PromoTables>(server, [promoMigrations], async (opened) => {
      if (settings.SEED_PROMO_CODES) await seedPromoCodes(opened, { now });
    });
    const limiterOf = createServerLimiters({ registry, logger, redis: startRedis(server) });
    const callers = createCallers({ ...callerOptions(settings), realm: 'promo' });
    const promos = createPromoStore(db, { now, newId: randomUUIDv7 });
    const router = createPromoRouter({ promos, callers, registry });
    return [limitRate(router, limiterOf(promoPolicy(settings)), { only: ['applyPromo'] })];
  },
});
