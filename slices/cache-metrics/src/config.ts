import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const cacheMetricsSettings = z.object({
  ...serverSettings({ port: 3008 }),
  ...databaseSettings({ file: 'data/cache-metrics.db' }),
});
