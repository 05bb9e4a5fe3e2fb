import { databaseSettings, serverSettings, wholeNumber } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

/** Settings of a server that keeps the catalogue. */
export const catalogSettings = () => ({
  /** Sample products that an empty catalogue gets at its first start. */
  SEED_PRODUCTS: wholeNumber(0, 10_000_000).default(10_000),
});

export const catalogPaginationSettings = z.object({
  ...serverSettings({ port: 3003 }),
  ...databaseSettings({ file: 'data/catalog-pagination.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
});
