export { promoRateLimitSettings } from './config.ts';
export { promoRateLimitMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type PromoRateLimitTables } from './note-store.ts';
export { createPromoRateLimitRouter, type PromoRateLimitDeps } from './router.ts';
