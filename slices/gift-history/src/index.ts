export { giftHistorySettings } from './config.ts';
export { giftHistoryMigrations } from './migrations.ts';
export { createGiftHistoryRouter, type GiftHistoryDeps } from './router.ts';
export { seedGifts } from './sample-gifts.ts';
