import { callerSettings, databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const combinedDemoSettings = z.object({
  ...serverSettings({ port: 3000 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/combined-demo.db' }),
});

export type CombinedDemoSettings = z.output<typeof combinedDemoSettings>;
