import { databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { z } from 'zod';

const DAY_MS = 86_400_000;

/** Settings of a server that keeps idempotency keys. */
export const idempotencySettings = () => ({
  IDEMPOTENCY_TTL_MS: wholeNumber(1, 365 * DAY_MS)
    .default(DAY_MS)
    .describe('How long a key is stored.'),
  IDEMPOTENCY_SWEEP_INTERVAL_MS: wholeNumber(1, DAY_MS)
    .default(60_000)
    .describe('Pause between sweeps of expired keys.'),
  IDEMPOTENCY_SWEEP_BATCH: wholeNumber(1, 100_000)
    .default(500)
    .describe('Maximum number of keys that one statement of a sweep deletes.'),
});

export const giftGrantSettings = z.object({
  ...serverSettings({ port: 3004 }),
  ...databaseSettings({ file: 'data/gift-grant.db' }),
  ...idempotencySettings(),
});

/** The options of `startKeySweeper` from the settings. */
export const sweeperOptions = (settings: {
  readonly IDEMPOTENCY_SWEEP_INTERVAL_MS: number;
  readonly IDEMPOTENCY_SWEEP_BATCH: number;
}) => ({
  intervalMs: settings.IDEMPOTENCY_SWEEP_INTERVAL_MS,
  batchSize: settings.IDEMPOTENCY_SWEEP_BATCH,
});
