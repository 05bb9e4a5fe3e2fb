import { catalogSettings } from '@lab/catalog-pagination';
import { callerSettings, databaseSettings, serverSettings } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

export const productVariantsSettings = z.object({
  ...serverSettings({ port: 3011 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/product-variants.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
});
