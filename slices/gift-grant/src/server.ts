import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { giftGrantSettings, sweeperOptions } from './config.ts';
import { createIdempotency } from './idempotency.ts';
import { startKeySweeper } from './idempotency-keys.ts';
import { giftMigrations, idempotencyMigrations } from './migrations.ts';
import { createGiftRouter, type GiftGrantTables, tag } from './router.ts';

await serve({
  name: 'gift-grant',
  title: 'Gift grant',
  description: tag.description,
  settings: giftGrantSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const db = await startDatabase<GiftGrantTables>(server, [idempotencyMigrations, giftMigrations]);
    const now = () => new Date();
    const onError = (error: unknown) =>
      logger.error({ err: error }, 'could not delete expired idempotency keys');
    const sweeper = startKeySweeper({ db, now, onError }, sweeperOptions(settings));
    resources.defer(() => sweeper.stop());
    const idempotency = createIdempotency({ now }, { ttlMs: settings.IDEMPOTENCY_TTL_MS });
    return [createGiftRouter({ db, idempotency, now, newId: randomUUIDv7 })];
  },
});
