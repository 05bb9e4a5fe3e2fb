import { accountSettings } from '@lab/accounts';
import { cacheSettings } from '@lab/cache-metrics';
import { catalogSettings } from '@lab/catalog-pagination';
import { flagSettings } from '@lab/env-config';
import { idempotencySettings } from '@lab/gift-grant';
import { inventorySettings } from '@lab/inventory-reservation';
import { checkoutSettings } from '@lab/order-checkout';
import { paymentSettings } from '@lab/payment-intents';
import { bucketCapacity, type Policy, promoSettings, refillRate } from '@lab/promo-rate-limit';
import { auditSettings, upstreamSettings } from '@lab/reliability-audit';
import {
  callerSettings,
  databaseSettings,
  defaultByEnvironment,
  onOff,
  serverSettings,
} from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

export const combinedDemoSettings = z.object({
  ...serverSettings({ port: 3000 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/combined-demo.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
  ...cacheSettings(),
  ...idempotencySettings(),
  ...inventorySettings(),
  ...checkoutSettings(),
  FREE_GIFT_THRESHOLD: z
    .string()
    .regex(/^\d{1,12}(?:\.\d{1,4})?$/, 'must be an amount such as 50.00')
    .default('50.00')
    .describe('Orders whose subtotal is at least this, in their own currency, get a gift.'),
  FREE_GIFT_SKU: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be a SKU')
    .default('SNACK-SEAWEED-30')
    .describe('The gift.'),
  ...paymentSettings(),
  ...flagSettings(),
  ...accountSettings(),
  ...upstreamSettings(),
  ...promoSettings(),
  GENERAL_BUCKET_CAPACITY: bucketCapacity()
    .default(2000)
    .describe('Requests that a caller, or a client address where nobody is asked for, has at once.'),
  GENERAL_REFILL_PER_SECOND: refillRate()
    .default(1000)
    .describe('Requests per second that are added until the bucket is full.'),
  ...auditSettings(),
  SEED_GIFTS: defaultByEnvironment(onOff(), { development: 'on', test: 'on', production: 'off' }).describe(
    'Whether an empty table of gifts is filled at the start. Off in production: the users of the samples are invented.',
  ),
});

export type CombinedDemoSettings = z.output<typeof combinedDemoSettings>;

/** The policy for everything that the slices serve. Open without its store: it keeps the peace, and guards no secret. */
export const generalPolicy = (settings: CombinedDemoSettings): Policy => ({
  name: 'general',
  capacity: settings.GENERAL_BUCKET_CAPACITY,
  refillPerSecond: settings.GENERAL_REFILL_PER_SECOND,
  withoutStore: 'open',
});
