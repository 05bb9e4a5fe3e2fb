import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const orderCheckoutSettings = z.object({
  ...serverSettings({ port: 3013 }),
  ...databaseSettings({ file: 'data/order-checkout.db' }),
});
