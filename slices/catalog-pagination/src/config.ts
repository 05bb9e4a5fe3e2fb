import { databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

/** Settings of a server that stores the catalog. */
export const catalogSettings = () => ({
  SEED_PRODUCTS: wholeNumber(0, 10_000_000)
    .default(10_000)
    .describe('How many sample products an empty catalog gets at the first start.'),
});

export const catalogPaginationSettings = z.object({
  ...serverSettings({ port: 3003 }),
  ...databaseSettings({ file: 'data/catalog-pagination.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
});
