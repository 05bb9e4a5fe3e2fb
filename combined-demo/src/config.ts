import { cacheSettings } from '@lab/cache-metrics';
import { catalogSettings } from '@lab/catalog-pagination';
import { flagSettings } from '@lab/env-config';
import { idempotencySettings } from '@lab/gift-grant';
import { upstreamSettings } from '@lab/reliability-audit';
import {
  callerSettings,
  databaseSettings,
  defaultByEnvironment,
  onOff,
  serverSettings,
} from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';

export const combinedDemoSettings = z.object({
  ...serverSettings({ port: 3000 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/combined-demo.db' }),
  ...cursorSettings(),
  ...catalogSettings(),
  ...cacheSettings(),
  ...idempotencySettings(),
  ...flagSettings(),
  ...upstreamSettings(),
  SEED_GIFTS: defaultByEnvironment(onOff(), { development: 'on', test: 'on', production: 'off' }).describe(
    'Whether an empty table of gifts is filled at the start. Off in production: the users of the samples are invented.',
  ),
});

export type CombinedDemoSettings = z.output<typeof combinedDemoSettings>;
