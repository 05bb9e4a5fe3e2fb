import { type GiftTables, giftMigrations } from '@lab/gift-grant';
import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { giftHistorySettings } from './config.ts';
import { giftHistoryMigrations } from './migrations.ts';
import { createGiftHistoryRouter, tag } from './router.ts';
import { seedGifts } from './sample-gifts.ts';

await serve({
  name: 'gift-history',
  title: 'Gift history',
  description: tag.description,
  settings: giftHistorySettings,
  start: async (server) => {
    const migrations = [giftMigrations, giftHistoryMigrations];
    const db = await startDatabase<GiftTables>(server, migrations, (opened) =>
      seedGifts(opened, { now: () => new Date() }),
    );
    const cursors = createCursors({ secret: server.settings.CURSOR_SECRET, list: 'gifts' });
    return [createGiftHistoryRouter({ db, cursors })];
  },
});
