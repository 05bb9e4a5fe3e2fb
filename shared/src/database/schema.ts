import { type CreateTableBuilder, type Expression, type Kysely, sql } from 'kysely';
import { engineOf } from './engine.ts';

/**
 * Column types that hold, compare and sort the same values in the same way on both engines.
 * `text`, including ids, sorts by UTF-8 bytes (a locale's order would break a keyset); `integer` goes up to 2^53;
 * `instant` is milliseconds since 1970 in UTC, so that times compare and subtract as numbers; `flag` is 0 or 1.
 */
export interface ColumnTypes {
  readonly text: Expression<unknown>;
  readonly integer: Expression<unknown>;
  readonly instant: Expression<unknown>;
  readonly flag: Expression<unknown>;
}

const COLUMN_TYPES = {
  sqlite: { text: sql`text`, integer: sql`integer`, instant: sql`integer`, flag: sql`integer` },
  postgres: { text: sql`text collate "C"`, integer: sql`bigint`, instant: sql`bigint`, flag: sql`smallint` },
};

export const columnTypes = <Tables>(db: Kysely<Tables>): ColumnTypes => COLUMN_TYPES[engineOf(db)];

/** Starts a table whose columns refuse values of another type. Postgres always does; SQLite tables must be STRICT. */
export const createTable = <Tables, Name extends string>(
  db: Kysely<Tables>,
  name: Name,
): CreateTableBuilder<Name> => {
  const table = db.schema.createTable(name);
  return engineOf(db) === 'sqlite' ? table.modifyEnd(sql`strict`) : table;
};
