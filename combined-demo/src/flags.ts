import { randomUUIDv7 } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { flagOptions, type RunningFlags, startFlags } from '@lab/env-config';
import type { ServerContext } from '@lab/shared/http';
import type { Redis } from '@lab/shared/redis';
import type { Kysely } from 'kysely';
import type { CombinedDemoSettings } from './config.ts';
import type { DemoTables } from './database.ts';

const file = fileURLToPath(new URL('../flags.json', import.meta.url));

type FlagServer = Pick<ServerContext<CombinedDemoSettings>, 'settings' | 'registry' | 'logger' | 'resources'>;

/** Starts the demo's flags; they stop with the server. */
export const startDemoFlags = (
  db: Kysely<DemoTables>,
  server: FlagServer,
  redis?: Redis,
): Promise<RunningFlags> => {
  const deps = { ...server, db, redis, now: () => new Date(), newId: randomUUIDv7 };
  return startFlags(deps, flagOptions(server.settings, file));
};
