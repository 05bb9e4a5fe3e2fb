import {
  type Compilable,
  type CompiledQuery,
  type Insertable,
  type RawBuilder,
  type Selectable,
  sql,
} from 'kysely';
import { type Engine, type Executor, engineOf } from './engine.ts';

/** A placeholder for the parameter of that name: `where('id', '=', param('id'))`. */
export type Param<Parameters> = <Name extends keyof Parameters & string>(
  name: Name,
) => RawBuilder<Parameters[Name]>;

/** Runs the query with these values; resolves with its rows. */
export type PreparedQuery<Tables, Parameters, Row> = (
  db: Executor<Tables>,
  values: Parameters,
) => Promise<Row[]>;

/** Stands for the value at this path. */
class Placeholder {
  readonly path: readonly (string | number)[];

  constructor(...path: readonly (string | number)[]) {
    this.path = path;
  }

  valueIn(values: object): unknown {
    return this.path.reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      values,
    );
  }
}

const bind = <Row>(query: CompiledQuery<Row>, values: object): CompiledQuery<Row> => ({
  ...query,
  parameters: query.parameters.map((parameter) =>
    parameter instanceof Placeholder ? parameter.valueIn(values) : parameter,
  ),
});

/**
 * For the few statements that nearly every request runs: builds and compiles the query once per engine, then only binds
 * values. Values in the query that do not come from `param` are fixed at its first use.
 */
export const prepareQuery = <Tables, Parameters extends object, Row>(
  build: (db: Executor<Tables>, param: Param<Parameters>) => Compilable<Row>,
): PreparedQuery<Tables, Parameters, Row> => {
  const compiled = new Map<Engine, CompiledQuery<Row>>();

  return async (db, values) => {
    const engine = engineOf(db);
    const query = compiled.get(engine) ?? build(db, (name) => sql`${new Placeholder(name)}`).compile();
    compiled.set(engine, query);
    const { rows } = await db.getExecutor().executeQuery<Row>(bind(query, values));
    return rows;
  };
};

/**
 * The same for rows that nearly every request inserts: one statement for each number of rows. All rows have the columns
 * of the first one. Resolves with the column `returning` of each.
 */
export const prepareInsert = <Tables, Table extends keyof Tables & string, Returned extends string = never>(
  table: Table,
  returning?: Returned & keyof Tables[Table],
) => {
  type Rows = readonly Insertable<Tables[Table]>[];
  type Answer = Pick<Selectable<Tables[Table]>, Returned & keyof Selectable<Tables[Table]>>;
  const bySize = new Map<number, PreparedQuery<Tables, Rows, Answer>>();

  const prepare = (rows: Rows): PreparedQuery<Tables, Rows, Answer> => {
    const columns = Object.keys(rows[0] ?? {});
    const marks = rows.map((_, row) => sql`(${sql.join(columns.map((name) => new Placeholder(row, name)))})`);
    const names = sql.join(columns.map((name) => sql.ref(name)));
    const end = returning === undefined ? sql`` : sql` returning ${sql.ref(returning)}`;
    const insert = sql<Answer>`insert into ${sql.table(table)} (${names}) values ${sql.join(marks)}${end}`;
    return prepareQuery((db) => ({ compile: () => insert.compile(db) }));
  };

  return async (db: Executor<Tables>, rows: Rows): Promise<Answer[]> => {
    if (rows.length === 0) return [];
    const known = bySize.get(rows.length) ?? prepare(rows);
    bySize.set(rows.length, known);
    return known(db, rows);
  };
};
