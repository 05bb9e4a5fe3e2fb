import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { startRedis } from '@lab/shared/redis';
import { promoPolicy, promoRateLimitSettings } from './config.ts';
import { createServerLimiters, limitRate } from './index.ts';
import { promoMigrations } from './migrations.ts';
import { tag } from './promo/promo-contract.ts';
import { createPromoStore } from './promo/promo-store.ts';
import { createPromoRouter } from './promo/router.ts';
import { seedPromoCodes } from './promo/sample-codes.ts';

await serve({
  name: 'promo-rate-limit',
  title: 'Promo rate limit',
  description: tag.description,
  settings: promoRateLimitSettings,
  start: async (server) => {
    const { settings, registry } = server;
    const deps = { now: () => new Date(), newId: randomUUIDv7 };
    const seed = settings.SEED_PROMO_CODES ? seedPromoCodes : async () => undefined;
    const db = await startDatabase(server, [promoMigrations], (opened) => seed(opened, deps));
    const limiterOf = createServerLimiters({ ...server, redis: startRedis(server) });
    const callers = createCallers({ ...callerOptions(settings), realm: 'promo' });
    const router = createPromoRouter({ promos: createPromoStore(db, deps), callers, registry });
    return [limitRate(router, limiterOf(promoPolicy(settings)), { only: ['applyPromo'] })];
  },
});
