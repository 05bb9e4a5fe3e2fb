import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type Engine, migrate, type SliceMigrations, transact } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { type DatabaseEngine, eachDatabase } from './databases.ts';
import { readSchema } from './read-schema.ts';

type Tables = Record<string, Record<string, unknown>>;
type Rows = Record<string, readonly unknown[]>;

interface Dump {
  /** The newest migration that the dumped database had. */
  readonly newest: string;
  readonly text: string;
}

const readDumps = (folder: URL, engine: Engine): readonly Dump[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => file.endsWith(`.${engine}.sql`))
    .map((file) => ({
      newest: file.slice(0, file.indexOf('.')),
      text: readFileSync(new URL(file, folder), 'utf8'),
    }));

const restore = (db: Kysely<Tables>, dump: string): Promise<void> =>
  transact(db, async (trx) => {
    for (const statement of dump.split(/;\n/)) {
      if (statement.trim() !== '') await sql.raw(statement).execute(trx);
    }
  });

const readRows = async (db: Kysely<Tables>): Promise<Rows> => {
  const tables = await db.introspection.getTables();
  const rows = tables.map(
    async ({ name }) => [name, await db.selectFrom(name).selectAll().execute()] as const,
  );
  return Object.fromEntries(await Promise.all(rows));
};

/** Restores and migrates a dump, and reads the result together with the schema of a new database. */
export const migrateDump = async (
  engine: DatabaseEngine,
  dump: string,
  migrations: readonly SliceMigrations[],
) => {
  const { db } = await engine.open<Tables>();
  await restore(db, dump);
  const rowsBefore = await readRows(db);
  await migrate(db, migrations);
  const { db: fresh } = await engine.open<Tables>();
  await migrate(fresh, migrations);
  return {
    rowsBefore,
    rows: await readRows(db),
    schema: await readSchema(db),
    freshSchema: await readSchema(fresh),
  };
};

/**
 * Checks on both engines that migrating a database of each earlier schema, with rows in it, leads to the schema of a
 * new database, keeps the rows, and runs no migration twice (the history keeps its times). `dumps` is a folder with one
 * SQL dump for each earlier schema and engine, named after its newest migration: `cart_pricing_0001_carts.sqlite.sql`.
 * The latest migration needs no dump, so that a slice with one migration needs no folder. `below` are the migrations of
 * the slices that these build on, whose own tests check them.
 */
export const migrationChecks = (
  dumps: URL,
  own: readonly SliceMigrations[],
  below: readonly SliceMigrations[] = [],
): void => {
  const migrations = [...below, ...own];
  const earlier = own.flatMap((slice) => Object.keys(slice).toSorted().slice(0, -1));
  eachDatabase((engine) => {
    const known = readDumps(dumps, engine.name);

    it('has a dump of each earlier schema', () => {
      expect(known.map(({ newest }) => newest)).toEqual(expect.arrayContaining(earlier));
    });

    it.each(known)('brings a database that ends at $newest up to date', async ({ text }) => {
      const { rowsBefore, rows, schema, freshSchema } = await migrateDump(engine, text, migrations);
      expect(schema).toEqual(freshSchema);
      for (const [table, before] of Object.entries(rowsBefore)) {
        expect(before).not.toEqual([]);
        expect(rows[table]).toEqual(
          expect.arrayContaining(before.map((row) => expect.objectContaining(row))),
        );
      }
    });
  });
};
