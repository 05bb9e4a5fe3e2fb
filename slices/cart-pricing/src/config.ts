import { callerSettings, databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const cartPricingSettings = z.object({
  ...serverSettings({ port: 3002 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/cart-pricing.db' }),
});
