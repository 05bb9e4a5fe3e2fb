import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const envConfigSettings = z.object({
  ...serverSettings({ port: 3009 }),
  ...databaseSettings({ file: 'data/env-config.db' }),
});
