import { type Executor, engineOf } from '@lab/shared/database';
import { type Expression, type SqlBool, sql } from 'kysely';

/**
 * Whether a column of text is one of a list that comes as one parameter, a JSON array of strings: one statement for
 * any number of values, including none. `in (?, ?, ...)` would be another statement for each number of them.
 */
export const isOneOf = <Tables>(
  db: Executor<Tables>,
  column: string,
  json: Expression<string>,
): Expression<SqlBool> =>
  engineOf(db) === 'sqlite'
    ? sql`${sql.ref(column)} in (select value from json_each(${json}))`
    : sql`${sql.ref(column)} in (select value from json_array_elements_text(cast(${json} as json)))`;
