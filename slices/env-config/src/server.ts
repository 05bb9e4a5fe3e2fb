import { randomUUIDv7 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { startRedis } from '@lab/shared/redis';
import { envConfigSettings, flagOptions } from './config.ts';
import type { FlagTables } from './flags/override-store.ts';
import { tag } from './flags/router.ts';
import { startFlags } from './flags/start-flags.ts';
import { flagMigrations } from './migrations.ts';
import { createEnvConfigRouters } from './router.ts';

await serve({
  name: 'env-config',
  title: 'Settings and flags',
  description: tag.description,
  settings: envConfigSettings,
  start: async (server) => {
    const { settings, described } = server;
    const db = await startDatabase<FlagTables>(server, [flagMigrations]);
    const now = () => new Date();
    const deps = { ...server, db, now, newId: randomUUIDv7, redis: startRedis(server) };
    const file = fileURLToPath(new URL('../flags.json', import.meta.url));
    const flags = await startFlags(deps, flagOptions(settings, file));
    const callers = createCallers(callerOptions(settings));
    return createEnvConfigRouters({ flags, callers, now, described, environment: settings.APP_ENV });
  },
});
