import { z } from 'zod';
import { databaseSettings, serverSettings } from '../src/config/index.ts';
import { openDatabase, transact } from '../src/database/index.ts';
import { serve } from '../src/http/index.ts';

/** Starts like any server, as far as its database. */
await serve({
  name: 'starter',
  title: 'Starter',
  description: 'Opens a database.',
  settings: z.object({ ...serverSettings({ port: 0 }), ...databaseSettings({ file: 'starter.db' }) }),
  start: async ({ settings }) => {
    await transact(openDatabase(settings.DATABASE_URL), async () => undefined);
    return [];
  },
});
