import { type Insertable, type Selectable, sql } from 'kysely';
import type { Executor } from './engine.ts';
import { Placeholder, type PreparedQuery, prepareQuery } from './prepared-query.ts';

/**
 * For the rows that nearly every request inserts: compiles one statement for each number of rows and set of columns, once
 * per engine. All rows of one call have the columns of the first. Resolves with the column `returning` of each.
 */
export const prepareInsert = <Tables, Table extends keyof Tables & string, Returned extends string = never>(
  table: Table,
  returning?: Returned & keyof Tables[Table],
) => {
  type Rows = readonly Insertable<Tables[Table]>[];
  type Answer = Pick<Selectable<Tables[Table]>, Returned & keyof Selectable<Tables[Table]>>;
  const byShape = new Map<string, PreparedQuery<Tables, Rows, Answer>>();

  const prepare = (rows: Rows, columns: readonly string[]): PreparedQuery<Tables, Rows, Answer> => {
    const marks = rows.map((_, row) => sql`(${sql.join(columns.map((name) => new Placeholder(row, name)))})`);
    const names = sql.join(columns.map((name) => sql.ref(name)));
    const end = returning === undefined ? sql`` : sql` returning ${sql.ref(returning)}`;
    const insert = sql<Answer>`insert into ${sql.table(table)} (${names}) values ${sql.join(marks)}${end}`;
    return prepareQuery((db) => ({ compile: () => insert.compile(db) }));
  };

  return async (db: Executor<Tables>, rows: Rows): Promise<Answer[]> => {
    const [first] = rows;
    if (first === undefined) return [];
    const columns = Object.keys(first);
    const shape = `${rows.length} of ${columns}`;
    const known = byShape.get(shape) ?? prepare(rows, columns);
    byShape.set(shape, known);
    return known(db, rows);
  };
};
