export {
  bucketCapacity,
  promoPolicy,
  promoRateLimitSettings,
  promoSettings,
  refillRate,
} from './config.ts';
export type { BucketOf, BucketStore } from './limiter/bucket-store.ts';
export { callerKey } from './limiter/caller-key.ts';
export { limitAttempts } from './limiter/limit-attempts.ts';
export { createMemoryStore } from './limiter/memory-store.ts';
export { limitRate, rateLimitGuard } from './limiter/rate-limit-guard.ts';
export { createRateLimiter, type Decision, type Policy, type RateLimiter } from './limiter/rate-limiter.ts';
export { createRedisStore } from './limiter/redis-store.ts';
export { createServerLimiters } from './limiter/server-limiters.ts';
export { promoMigrations } from './migrations.ts';
export { promoProblems } from './promo/promo-contract.ts';
export {
  createPromoStore,
  type PromoRefusal,
  type PromoStore,
  type RedeemOutcome,
} from './promo/promo-store.ts';
export type { PromoTables, Redemption } from './promo/promo-tables.ts';
export { createPromoRouter } from './promo/router.ts';
export { seedPromoCodes } from './promo/sample-codes.ts';
