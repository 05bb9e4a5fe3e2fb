import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely';
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
export class Placeholder {
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
