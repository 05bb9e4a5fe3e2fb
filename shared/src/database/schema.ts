import { type CreateTableBuilder, type Expression, type Kysely, sql } from 'kysely';
import { engineOf } from './engine.ts';

/**
 * Column types that hold, compare and sort the same values alike on both engines.
 * `text` by bytes of UTF-8, ids included (a locale's own order would break a keyset); `integer` up to 2^53;
 * `instant` milliseconds since 1970 in UTC, so that times compare and subtract as numbers; `flag` 0 or 1.
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

/** Begins a table whose columns refuse values of another type: Postgres always does, SQLite if it is STRICT. */
export const createTable = <Tables, Name extends string>(
  db: Kysely<Tables>,
  name: Name,
): CreateTableBuilder<Name> => {
  const table = db.schema.createTable(name);
  return engineOf(db) === 'sqlite' ? table.modifyEnd(sql`strict`) : table;
};
