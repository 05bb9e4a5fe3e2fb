import { startAccounts } from '@lab/accounts';
import { startCaches } from '@lab/cache-metrics';
import { startProvider } from '@lab/payment-intents';
import { startRelister } from '@lab/product-variants';
import { createServerLimiters } from '@lab/promo-rate-limit';
import type { ServerContext } from '@lab/shared/http';
import { startRedis } from '@lab/shared/redis';
import type { Kysely } from 'kysely';
import { createDemoAccounts } from './accounts/demo-accounts.ts';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';
import { startDemoFlags } from './flags.ts';

/** Starts the parts of the demo that run beside its requests, on one connection to Redis. */
export const startParts = async (db: Kysely<DemoTables>, server: ServerContext<CombinedDemoSettings>) => {
  const redis = startRedis(server);
  const caches = await startCaches(server, { db, redis });
  server.resources.use(startRelister({ db, onChanged: caches.invalidate.products }, server));
  const limiterOf = createServerLimiters({ ...server, redis });
  const accounts = createDemoAccounts(db, { ...server, limiterOf });
  await startAccounts(accounts, { ...server, db, now: () => new Date() });
  return {
    accounts,
    redis,
    limiterOf,
    caches,
    flags: await startDemoFlags(db, server, redis),
    provider: await startProvider(server),
  };
};
