import { databaseSettings, serverSettings } from '@lab/shared/config';
import { z } from 'zod';

export const reliabilityAuditSettings = z.object({
  ...serverSettings({ port: 3007 }),
  ...databaseSettings({ file: 'data/reliability-audit.db' }),
});
