import type { Kysely } from 'kysely';
import type { ServerContext } from '../http/server/serve.ts';
import { databaseOptions } from './database-options.ts';
import { engineOf } from './engine.ts';
import { migrate, type SliceMigrations } from './migrate.ts';
import { openDatabase } from './open-database.ts';
import { ping } from './ping.ts';

interface StoringSettings {
  readonly DATABASE_URL: string;
  readonly SLOW_QUERY_MS: number;
}

/**
 * Opens the database of a server that starts, with the tables of these slices in place. The server closes it when it
 * stops, and is ready only while it answers.
 */
export const startDatabase = async <Tables>(
  { settings, logger, resources, checks, details }: ServerContext<StoringSettings>,
  migrations: readonly SliceMigrations[],
): Promise<Kysely<Tables>> => {
  const db = openDatabase<Tables>(settings.DATABASE_URL, databaseOptions(settings, logger));
  resources.defer(() => db.destroy());
  await migrate(db, migrations);
  checks.database = () => ping(db);
  details.database = engineOf(db);
  return db;
};
