import { DatabaseSync } from 'node:sqlite';
import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';

/** Goes into the WHERE clause of a query whose rows are to be counted: `.where(eachRowRead)`. Always true. */
export const eachRowRead: RawBuilder<boolean> = sql<boolean>`row_was_read()`;

const parameter = z.union([z.string(), z.number(), z.null()]);

/**
 * How many rows SQLite reads to answer queries on the database file at `path`. Unlike a time, the number is the same
 * on every machine.
 */
export const openReadCounter = (path: string) => {
  const file = new DatabaseSync(path, { readOnly: true });
  let reads = 0;
  file.function('row_was_read', () => {
    reads += 1;
    return 1;
  });
  return {
    /** Runs the query, which has `eachRowRead` in its WHERE clause. */
    rowsReadBy: (query: CompiledQuery): number => {
      reads = 0;
      file.prepare(query.sql).all(...query.parameters.map((value) => parameter.parse(value)));
      return reads;
    },
    close: (): void => file.close(),
  };
};
