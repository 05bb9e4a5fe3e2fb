import { databaseSettings, serverSettings } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

export const giftHistorySettings = z.object({
  ...serverSettings({ port: 3005 }),
  ...databaseSettings({ file: 'data/gift-history.db' }),
  ...cursorSettings(),
});
