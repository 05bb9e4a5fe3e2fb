import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const promoRateLimitSettings = z.object({
  ...serverSettings({ port: 3006 }),
  ...databaseSettings({ file: 'data/promo-rate-limit.db' }),
});
