/** How many rows a page reads that lies deep in the list, for every sort, among all products and in a department. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate, openDatabase } from '@lab/shared/database';
import { keysetOrder } from '@lab/shared/pagination';
import { eachRowRead, openReadCounter } from '@lab/testing/story';
import type { Kysely } from 'kysely';
import {
  type CatalogTables,
  catalogMigrations,
  loadSample,
  pageStatement,
  type Sort,
  sampleCategories,
  sorts,
} from '../src/index.ts';

const PRODUCTS = 50_000;
const COUNT = 20;
const DEPARTMENT = 'snacks';
const sortNames: readonly Sort[] = ['newest', 'price_asc', 'price_desc', 'name_asc'];
const below = sampleCategories.map(({ id }) => id).filter((id) => id.startsWith(DEPARTMENT));

const byOffset = (db: Kysely<CatalogTables>, sort: Sort, category: string | undefined, depth: number) => {
  const listed = db.selectFrom('products').selectAll().where('currency', '=', 'USD');
  const wanted = category === undefined ? listed : listed.where('category_id', 'in', below);
  return wanted.orderBy(keysetOrder(sorts[sort])).limit(COUNT).offset(depth);
};

/** The last row before the page at this depth, as a position. */
const positionAt = async (...[db, sort, category, depth]: Parameters<typeof byOffset>) => {
  const row = await byOffset(db, sort, category, depth - 1)
    .limit(1)
    .executeTakeFirstOrThrow();
  return sorts[sort].map(({ column }) => row[column]);
};

const measureIn = async (db: Kysely<CatalogTables>, path: string) => {
  const counter = openReadCounter(path);
  const pages = await Promise.all(
    sortNames
      .flatMap((sort) => [
        { sort, category: undefined, depth: 40_000 },
        { sort, category: DEPARTMENT, depth: 10_000 },
      ])
      .map(async ({ sort, category, depth }) => {
        const after = await positionAt(db, sort, category, depth);
        const page = pageStatement(db, { sort, currency: 'USD', category, count: COUNT, after });
        return {
          naive: counter.rowsReadBy(byOffset(db, sort, category, depth).where(eachRowRead).compile()),
          ours: counter.rowsReadBy(page.where(eachRowRead).compile()),
        };
      }),
  );
  counter.close();
  return pages;
};

/** The most rows that any of the eight deep pages reads, each way. */
export const readDeepPages = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-catalogue-'));
  const path = join(folder, 'catalogue.db');
  const db = openDatabase<CatalogTables>(`sqlite:${path}`);
  try {
    await migrate(db, [catalogMigrations]);
    await loadSample(db, PRODUCTS);
    const pages = await measureIn(db, path);
    return {
      count: COUNT,
      naive: Math.max(...pages.map(({ naive }) => naive)),
      ours: Math.max(...pages.map(({ ours }) => ours)),
    };
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
};
