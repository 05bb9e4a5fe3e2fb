import { type Executor, engineOf } from '@lab/shared/database';
import { type Expression, type SqlBool, sql } from 'kysely';

/**
 * Whether a text column has one of the values in a list. The list is a single parameter, a JSON array of strings, so
 * one statement serves any number of values, including none. `in (?, ?, ...)` needs a statement for each number of
 * values.
 */
export const isOneOf = <Tables>(
  db: Executor<Tables>,
  column: string,
  json: Expression<string>,
): Expression<SqlBool> =>
  engineOf(db) === 'sqlite'
    ? sql`${sql.ref(column)} in (select value from json_each(${json}))`
    : sql`${sql.ref(column)} in (select value from json_array_elements_text(cast(${json} as json)))`;
