import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const paymentIntentsSettings = z.object({
  ...serverSettings({ port: 3014 }),
  ...databaseSettings({ file: 'data/payment-intents.db' }),
});
