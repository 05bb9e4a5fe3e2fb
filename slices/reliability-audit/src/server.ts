import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { reliabilityAuditSettings } from './config.ts';
import { reliabilityAuditMigrations } from './migrations.ts';
import { createNoteStore, type ReliabilityAuditTables } from './note-store.ts';
import { createReliabilityAuditRouter, tag } from './router.ts';

await serve({
  name: 'reliability-audit',
  title: 'Reliability audit',
  description: tag.description,
  settings: reliabilityAuditSettings,
  start: async (server) => {
    const db = await startDatabase<ReliabilityAuditTables>(server, [reliabilityAuditMigrations]);
    return [createReliabilityAuditRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
