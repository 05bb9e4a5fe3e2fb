import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const sampleSliceSettings = z.object({
  ...serverSettings({ port: 3999 }),
  ...databaseSettings({ file: 'data/sample-slice.db' }),
});
