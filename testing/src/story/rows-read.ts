import { DatabaseSync } from 'node:sqlite';
import { type CompiledQuery, type RawBuilder, sql } from 'kysely';
import { z } from 'zod';

/** A condition that counts the rows a query reads: `.where(eachRowRead)`. Always true. */
export const eachRowRead: RawBuilder<boolean> = sql<boolean>`row_was_read()`;

const parameter = z.union([z.string(), z.number(), z.null()]);

/**
 * Counts the rows that SQLite reads to run queries on the database file at `path`. Unlike a time, the count is the same
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
    /** Runs a query with `eachRowRead` in its WHERE clause. */
    rowsReadBy: (query: CompiledQuery): number => {
      reads = 0;
      file.prepare(query.sql).all(...query.parameters.map((value) => parameter.parse(value)));
      return reads;
    },
    close: (): void => file.close(),
  };
};
