import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const productVariantsSettings = z.object({
  ...serverSettings({ port: 3011 }),
  ...databaseSettings({ file: 'data/product-variants.db' }),
});
