export { giftGrantSettings, idempotencySettings, sweeperOptions } from './config.ts';
export { createGiftStore, type Gift, type GiftTables, giftOf } from './gift-store.ts';
export {
  createIdempotency,
  type Idempotency,
  type Outcome,
  type StoredResponse,
} from './idempotency.ts';
export { type IdempotencyTables, startKeySweeper } from './idempotency-keys.ts';
export {
  idempotencyProblems,
  keyHeader,
  keyInBody,
  readIdempotencyKey,
  replayedHeader,
  replyTo,
  whileAwaited,
} from './idempotent-route.ts';
export { giftMigrations, idempotencyMigrations } from './migrations.ts';
export { createGiftRouter, type GiftDeps, giftSchema, grantOperation, showGift } from './router.ts';
