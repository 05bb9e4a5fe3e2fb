/** How many rows a deep page reads, for every sort, among all products and in a department. */
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

/** The position of the last row before the page at this depth. */
const positionAt = async (...[db, sort, category, depth]: Parameters<typeof byOffset>) => {
  const row = await byOffset(db, sort, category, depth - 1)
    .limit(1)
    .executeTakeFirstOrThrow();
  return sorts[sort].map(({ column }) => row[column]);
};

const measureIn = async (db: Kysely<CatalogTables>, path: string) => {
  const counter = openReadCounter(path);
  /** The most rows that a page at this depth reads in any sort. */
  const most = async (category: string | undefined, depth: number) => {
    const reads = { naive: 0, ours: 0 };
    for (const sort of sortNames) {
      const after = await positionAt(db, sort, category, depth);
      const naive = byOffset(db, sort, category, depth);
      const ours = pageStatement(db, { sort, currency: 'USD', category, count: COUNT, after });
      reads.naive = Math.max(reads.naive, counter.rowsReadBy(naive.where(eachRowRead).compile()));
      reads.ours = Math.max(reads.ours, counter.rowsReadBy(ours.where(eachRowRead).compile()));
    }
    return reads;
  };
  try {
    return { all: await most(undefined, 40_000), department: await most(DEPARTMENT, 10_000) };
  } finally {
    counter.close();
  }
};

/** The rows read by a page deep in the list of all products, and by one deep in a department with subcategories. */
export const readDeepPages = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-catalog-'));
  const path = join(folder, 'catalog.db');
  const db = openDatabase<CatalogTables>(`sqlite:${path}`);
  try {
    await migrate(db, [catalogMigrations]);
    await loadSample(db, PRODUCTS);
    return { count: COUNT, ...(await measureIn(db, path)) };
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
};
