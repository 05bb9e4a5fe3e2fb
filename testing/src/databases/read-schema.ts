import { type Executor, engineOf } from '@lab/shared/database';
import { sql } from 'kysely';

// Without the tables of the migrator.
const IS_OURS = sql`name not like '%!_migrations' escape '!' and name <> 'migration_lock'`;

const onSqlite = sql<{ part: string }>`
  select type || ' ' || sql as part from sqlite_schema where sql is not null and ${IS_OURS}`;

const onPostgres = sql<{ part: string }>`
  with parts (name, part) as (
    select table_name, format('column %s.%s at %s: %s, nullable %s, default %s, collation %s', table_name, column_name,
      ordinal_position, data_type, is_nullable, column_default, collation_name)
    from information_schema.columns where table_schema = current_schema()
    union all
    select tablename, indexdef from pg_indexes where schemaname = current_schema()
    union all
    select relname, format('constraint %s on %s: %s', conname, relname, pg_get_constraintdef(pg_constraint.oid))
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where connamespace = current_schema()::regnamespace
  )
  select part from parts where ${IS_OURS}`;

/** SQLite keeps the text of each statement as written. Removes differences in spaces and quotes. */
const withoutStyle = (statement: string): string =>
  statement
    .replaceAll('"', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
    .toLowerCase();

/** The tables, columns, constraints and indexes of a database as sorted lines, to compare two databases. */
export const readSchema = async <Tables>(db: Executor<Tables>): Promise<readonly string[]> => {
  const isSqlite = engineOf(db) === 'sqlite';
  const { rows } = await (isSqlite ? onSqlite : onPostgres).execute(db);
  return rows.map(({ part }) => (isSqlite ? withoutStyle(part) : part)).toSorted();
};
