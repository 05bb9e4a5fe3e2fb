import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf, migrate, openDatabase, ping } from '@lab/shared/database';
import { createApp, launch, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import { giftHistorySettings } from './config.ts';
import { giftHistoryMigrations } from './gift-list.ts';
import { createGiftHistoryRouter } from './router.ts';
import { seedGifts } from './sample-gifts.ts';

await launch(async () => {
  const { values: settings } = loadSettings(giftHistorySettings);
  const { logger, registry } = observeServer('gift-history', settings);
  const db = openDatabase<GiftTables>(settings.DATABASE_URL, databaseOptions(settings, logger));
  await migrate(db, [giftMigrations, giftHistoryMigrations]);
  await seedGifts(db, { now: () => new Date() });
  const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'gifts' });
  const router = createGiftHistoryRouter({ db, cursors });

  const about = { title: 'Gift history', description: 'Lists gifts, newest first.', version: '0.1.0' };
  const network = networkOptions(settings);
  const health = createHealth({ database: () => ping(db) });
  const app = createApp({ ...about, ...network }, { routers: [router], logger, registry, health });
  await serve(app, { ...network, details: { database: engineOf(db) }, close: () => db.destroy() });
});
