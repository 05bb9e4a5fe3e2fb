import { randomUUIDv7 } from 'node:crypto';
import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf, migrate, openDatabase, ping } from '@lab/shared/database';
import { createApp, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { giftGrantSettings, sweeperOptions } from './config.ts';
import { giftMigrations } from './gift-store.ts';
import { createIdempotency } from './idempotency.ts';
import { idempotencyMigrations, startKeySweeper } from './idempotency-keys.ts';
import { createGiftRouter, type GiftGrantTables, grantOperation } from './router.ts';

await launch(async () => {
  const { values: settings } = loadSettings(giftGrantSettings);
  const { logger, registry } = observeServer('gift-grant', settings);
  const db = openDatabase<GiftGrantTables>(settings.DATABASE_URL, databaseOptions(settings, logger));
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  const now = () => new Date();
  const ttlMs = settings.IDEMPOTENCY_TTL_MS;
  const idempotency = createIdempotency({ now }, { ...grantOperation, ttlMs });
  const router = createGiftRouter({ db, idempotency, now, newId: randomUUIDv7 });
  const onError = (error: unknown) => logger.error({ err: error }, 'expired keys could not be swept');
  const sweeper = startKeySweeper({ db, now, onError }, sweeperOptions(settings));

  const about = { title: 'Gift grant', description: 'Grants a gift once per key.', version: '0.1.0' };
  const network = networkOptions(settings);
  const health = createHealth({ database: () => ping(db) });
  const app = createApp({ ...about, ...network }, { routers: [router], logger, registry, health });
  const close = () => sweeper.stop().then(() => db.destroy());
  await serve(app, { ...network, details: { database: engineOf(db) }, close });
});
