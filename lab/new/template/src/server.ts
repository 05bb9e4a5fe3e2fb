import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { sampleSliceSettings } from './config.ts';
import { sampleSliceMigrations } from './migrations.ts';
import { createNoteStore, type SampleSliceTables } from './note-store.ts';
import { createSampleSliceRouter, tag } from './router.ts';

await serve({
  name: 'sample-slice',
  title: 'Sample slice',
  description: tag.description,
  settings: sampleSliceSettings,
  start: async (server) => {
    const db = await startDatabase<SampleSliceTables>(server, [sampleSliceMigrations]);
    return [createSampleSliceRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
