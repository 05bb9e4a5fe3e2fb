import { idempotencySettings } from '@lab/gift-grant';
import { inventorySettings } from '@lab/inventory-reservation';
import { callerSettings, databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { redisSettings } from '@lab/shared/redis';
import { z } from 'zod';

const DAY_MS = 86_400_000;

/** Settings of a server that takes orders. */
export const checkoutSettings = () => ({
  PAYMENT_WINDOW_MS: wholeNumber(1000, 7 * DAY_MS)
    .default(900_000)
    .describe(
      'How long an order waits for its payment. After that it expires, and its goods are for sale again.',
    ),
  ORDER_SWEEP_INTERVAL_MS: wholeNumber(1, 3_600_000)
    .default(1000)
    .describe('Pause between two sweeps of orders whose payment window is over.'),
});

export const orderCheckoutSettings = z.object({
  ...serverSettings({ port: 3013 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/order-checkout.db' }),
  ...cursorSettings(),
  ...idempotencySettings(),
  ...redisSettings(),
  ...inventorySettings(),
  ...checkoutSettings(),
});
