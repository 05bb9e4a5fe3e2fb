import type { Kysely } from 'kysely';
import type { ServerContext } from '../http/server/serve.ts';
import { type DatabaseOptions, databaseOptions } from './database-options.ts';
import { engineOf, ping } from './engine.ts';
import { migrate, type SliceMigrations } from './migrate.ts';
import { openDatabase } from './open-database.ts';

interface StoringSettings {
  readonly DATABASE_URL: string;
  readonly SLOW_QUERY_MS: number;
}

/**
 * Opens the database of a starting server, with the tables of these slices up to date. `seed` adds the initial data; it
 * runs at every start, in one process at a time (see `runSetup`). The server closes the database when it stops, and is
 * ready only while the database responds. Slow statements are logged only after the setup, because before that no
 * request waits for them.
 */
export const startDatabase = async <Tables>(
  { settings, logger, resources, checks, details }: Omit<ServerContext<StoringSettings>, 'described'>,
  migrations: readonly SliceMigrations[],
  seed?: (db: Kysely<Tables>) => Promise<void>,
  { beforeCommit }: Pick<DatabaseOptions, 'beforeCommit'> = {},
): Promise<Kysely<Tables>> => {
  const options = databaseOptions(settings, logger);
  let isReady = false;
  const db = openDatabase<Tables>(settings.DATABASE_URL, {
    ...options,
    ...(beforeCommit && { beforeCommit }),
    onSlowQuery: (query) => {
      if (isReady) options.onSlowQuery?.(query);
    },
  });
  resources.defer(() => db.destroy());
  await migrate(db, migrations);
  await seed?.(db);
  isReady = true;
  checks.database = () => ping(db);
  details.database = engineOf(db);
  return db;
};
