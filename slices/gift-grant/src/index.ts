export { giftGrantSettings, idempotencySettings, sweeperOptions } from './config.ts';
export { createGiftStore, fromRow as giftFromRow, type Gift, type GiftTables } from './gift-store.ts';
export {
  createIdempotency,
  type Idempotency,
  type Outcome,
  type StoredResponse,
} from './idempotency.ts';
export { type IdempotencyTables, startKeySweeper } from './idempotency-keys.ts';
export { idempotent, type OnceDeps, oncePerKey } from './idempotent-route.ts';
export { giftMigrations, idempotencyMigrations } from './migrations.ts';
export { createGiftRouter, type GiftDeps, giftSchema, toJson as giftToJson } from './router.ts';
