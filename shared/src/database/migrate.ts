/**
 * Problem: several processes start at once on one database, and each needs its tables.
 * Guarantees: each migration runs once, ordered by name within its slice. All migrations of one call commit together or
 * not at all. A process that comes second waits, finds them applied and continues.
 * Does NOT guarantee: that the previous release can still use the tables (add first, remove in a later release), nor an
 * order between slices other than that of the arguments.
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { type Engine, engineOf } from './engine.ts';
import { runSetup } from './setup.ts';

/** The statements of a migration for each engine, in order. Literal SQL, so that it stays as it was shipped. */
export type SqlMigration = Readonly<Record<Engine, readonly string[]>>;

/** A slice's migrations by name, `<slice>_<four digits>_<what>`: `cart_pricing_0001_carts`. */
export type SliceMigrations = Readonly<Record<string, SqlMigration | Migration>>;

/** A migration failed, or the database has a different migration history than the code. Nothing was changed. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

const MIGRATION_NAME = /^(?<slice>[a-z][a-z0-9]*(?:_(?!\d{4}_)[a-z0-9]*)*)_\d{4}_[a-z0-9_]+$/;

const sliceOf = (migrations: SliceMigrations): string => {
  const slices = Object.keys(migrations).map((name) => {
    const slice = MIGRATION_NAME.exec(name)?.groups?.slice;
    if (slice === undefined)
      throw new MigrationError(`the name of migration "${name}" is not <slice>_<0001>_<what>`);
    return slice;
  });
  const [slice, other] = new Set(slices);
  if (slice === undefined) throw new MigrationError('a slice has no migrations');
  if (other !== undefined) throw new MigrationError(`migrations of "${slice}" and "${other}" in one record`);
  return slice;
};

const toMigration = (migration: SqlMigration | Migration): Migration =>
  'up' in migration
    ? migration
    : {
        up: async (db) => {
          for (const statement of migration[engineOf(db)]) await sql.raw(statement).execute(db);
        },
      };

const migrateSlice = async <Tables>(trx: Kysely<Tables>, migrations: SliceMigrations): Promise<void> => {
  const all = Object.entries(migrations).map(([name, migration]) => [name, toMigration(migration)] as const);
  const migrator = new Migrator({
    db: trx,
    provider: { getMigrations: async () => Object.fromEntries(all) },
    // One table for each slice, so that a slice can also run alone on a database that others have migrated.
    migrationTableName: `${sliceOf(migrations)}_migrations`,
    migrationLockTableName: 'migration_lock',
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results.find(({ status }) => status === 'Error')?.migrationName;
  const reason = error instanceof Error ? error.message : String(error);
  throw new MigrationError(`migration ${failed ?? `of ${sliceOf(migrations)}`} failed: ${reason}`, {
    cause: error,
  });
};

/**
 * Brings the tables of these slices up to date. Safe to call at every start, from any number of processes. If it
 * rejects, with a MigrationError that names the migration, nothing was changed.
 */
export const migrate = <Tables>(db: Kysely<Tables>, slices: readonly SliceMigrations[]): Promise<void> =>
  runSetup(db, async (trx) => {
    for (const migrations of slices) await migrateSlice(trx, migrations);
  });
