import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { envConfigSettings } from './config.ts';
import { envConfigMigrations } from './migrations.ts';
import { createNoteStore, type EnvConfigTables } from './note-store.ts';
import { createEnvConfigRouter, tag } from './router.ts';

await serve({
  name: 'env-config',
  title: 'Env config',
  description: tag.description,
  settings: envConfigSettings,
  start: async (server) => {
    const db = await startDatabase<EnvConfigTables>(server, [envConfigMigrations]);
    return [createEnvConfigRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
