import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const accountsSettings = z.object({
  ...serverSettings({ port: 3010 }),
  ...databaseSettings({ file: 'data/accounts.db' }),
});
