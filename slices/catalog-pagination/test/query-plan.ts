import { type Executor, engineOf } from '@lab/shared/database';
import type { CompiledQuery } from 'kysely';
import { z } from 'zod';
import { type CatalogTables, type PageQuery, sorts } from '../src/index.ts';

/** The query plan of the engine, one step per line. */
export const explain = async (
  db: Executor<CatalogTables>,
  { sql, ...query }: CompiledQuery,
): Promise<readonly string[]> => {
  const isSqlite = engineOf(db) === 'sqlite';
  const prefix = isSqlite ? 'explain query plan' : 'explain (analyze, timing off, summary off, buffers off)';
  const { rows } = await db.getExecutor().executeQuery({ ...query, sql: `${prefix} ${sql}` });
  return rows.map((row) =>
    isSqlite
      ? z.object({ detail: z.string() }).parse(row).detail
      : Object.values(z.looseObject({}).parse(row)).join(),
  );
};

/**
 * The steps of a plan that cost more than the page. SQLite: a table scan, a sort, or a range that is not bounded by all
 * `terms` (its plans do not report discarded rows). Postgres: a table or bitmap scan, a sort, or rows read and
 * discarded.
 */
export const planFaults = (plan: readonly string[], terms: readonly string[] = []): readonly string[] =>
  plan.filter(
    (step) =>
      /^SCAN |^USE TEMP B-TREE|Seq Scan|Bitmap|\bSort\b(?! Key| Method)|Rows Removed by Filter/.test(step) ||
      (step.startsWith('SEARCH') && !terms.every((term) => step.includes(term))),
  );

/** The terms that must bound each range of a page. */
export const rangeTerms = ({ sort, category, after }: PageQuery): string[] => [
  'currency=?',
  ...(category ? ['listed_in=?'] : []),
  ...(after ? [`(${sorts[sort][0].column},id)`] : []),
];
