import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { promoRateLimitSettings } from './config.ts';
import { promoRateLimitMigrations } from './migrations.ts';
import { createNoteStore, type PromoRateLimitTables } from './note-store.ts';
import { createPromoRateLimitRouter, tag } from './router.ts';

await serve({
  name: 'promo-rate-limit',
  title: 'Promo rate limit',
  description: tag.description,
  settings: promoRateLimitSettings,
  start: async (server) => {
    const db = await startDatabase<PromoRateLimitTables>(server, [promoRateLimitMigrations]);
    return [createPromoRateLimitRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
