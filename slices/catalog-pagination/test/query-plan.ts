import { type Executor, engineOf } from '@lab/shared/database';
import type { CompiledQuery } from 'kysely';
import { z } from 'zod';
import { type CatalogTables, type PageQuery, sorts } from '../src/index.ts';

/** What the engine says it will do, a step a line. */
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
 * What in a plan costs more than its page. SQLite: a scan of a table, a range that one of the `terms` does not bound (it
 * says nothing of rows it throws away), a sort. Postgres: a scan of a table or a bitmap, a sort, rows read and thrown
 * away.
 */
export const planFaults = (plan: readonly string[], terms: readonly string[] = []): readonly string[] =>
  plan.filter(
    (step) =>
      /^SCAN |^USE TEMP B-TREE|Seq Scan|Bitmap|\bSort\b(?! Key| Method)|Rows Removed by Filter/.test(step) ||
      (step.startsWith('SEARCH') && !terms.every((term) => step.includes(term))),
  );

/** The terms by which each range of a page is found. */
export const rangeTerms = ({ sort, category, after }: PageQuery): string[] => [
  'currency=?',
  ...(category ? ['listed_in=?'] : []),
  ...(after ? [`(${sorts[sort][0].column},id)`] : []),
];
