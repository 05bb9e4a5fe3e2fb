import {
  callerSettings,
  databaseSettings,
  defaultByEnvironment,
  onOff,
  serverSettings,
  wholeNumber,
} from '@lab/shared/config';
import { redisSettings } from '@lab/shared/redis';
import { z } from 'zod';
import type { Policy } from './limiter/rate-limiter.ts';

const MOST = 1_000_000;

/** The tokens of a full bucket. */
export const bucketCapacity = () => wholeNumber(1, MOST);

/** Tokens per second, with at most three decimals, so that a bucket counts exactly. */
export const refillRate = () =>
  z
    .string()
    .regex(/^\d{1,7}(?:\.\d{1,3})?$/, 'must be a number from 0.001 to 1000000 with at most three decimals')
    .transform(Number)
    .refine((rate) => rate >= 0.001 && rate <= MOST, 'must be a number from 0.001 to 1000000');

/** Settings of servers that redeem promo codes. */
export const promoSettings = () => ({
  PROMO_BUCKET_CAPACITY: bucketCapacity()
    .default(5)
    .describe('Attempts to redeem a code that a shopper has at once.'),
  PROMO_REFILL_PER_SECOND: refillRate()
    .default(0.1)
    .describe('Attempts per second that are added until the bucket is full, with at most three decimals.'),
  SEED_PROMO_CODES: defaultByEnvironment(onOff(), {
    development: 'on',
    test: 'on',
    production: 'off',
  }).describe(
    'Whether missing sample promo codes are added at each start. Off in production: they reduce every price.',
  ),
});

export const promoRateLimitSettings = z.object({
  ...serverSettings({ port: 3006 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/promo-rate-limit.db' }),
  ...redisSettings(),
  ...promoSettings(),
});

/** The policy for attempts to redeem a code. Closed without its store: nobody may guess codes meanwhile. */
export const promoPolicy = (settings: {
  readonly PROMO_BUCKET_CAPACITY: number;
  readonly PROMO_REFILL_PER_SECOND: number;
}): Policy => ({
  name: 'promo',
  capacity: settings.PROMO_BUCKET_CAPACITY,
  refillPerSecond: settings.PROMO_REFILL_PER_SECOND,
  withoutStore: 'closed',
});
