/**
 * Problem: each of two moves is fine alone, and together they make a cycle: A goes below B while B goes below A. And a
 * category with a million products cannot be listed under its new parents in one transaction.
 * Guarantees: changes of the tree take turns (on Postgres by a lock on the table, which writers of products share), so that
 * each is checked against the tree that it changes. A move also notes, in the same transaction, which categories have
 * products to list anew (relisting.ts). `GET /categories` shows the new tree and its counts from that commit on.
 * Does NOT guarantee: that lists of products show the move at once; see relisting.ts for what readers see meanwhile.
 */
import { type CategoryRow, lockCategoryTree } from '@lab/catalog-pagination';
import { type Executor, transact } from '@lab/shared/database';
import { ProblemError } from '@lab/shared/http';
import type { Transaction } from 'kysely';
import { unknownCategory } from '../editing/edit-problems.ts';
import type { VariantTables } from '../variant-tables.ts';
import {
  categoryCycle,
  categoryExists,
  categoryNotEmpty,
  categoryNotFound,
  categoryTooDeep,
} from './category-problems.ts';

/** A product is listed once for each category above it, so the depth bounds what a write costs. */
const MOST_LEVELS = 10;

/** A category with those below it. */
export interface CategoryNode {
  readonly id: string;
  readonly name: string;
  readonly parent: string | null;
  /** Products in it and below it. */
  readonly productCount: number;
  /** Some of these products are not yet listed under its new parents. */
  readonly isRelisting: boolean;
  readonly children: readonly CategoryNode[];
}

const readRows = (db: Executor<VariantTables>): Promise<CategoryRow[]> =>
  db.selectFrom('categories').selectAll().orderBy('id').execute();

const parentsOf = (rows: readonly CategoryRow[]): ReadonlyMap<string, string | null> =>
  new Map(rows.map(({ id, parent_id }) => [id, parent_id]));

/** The category and all above it, the root last. */
const lineOf = (id: string | null, parents: ReadonlyMap<string, string | null>): string[] =>
  id === null ? [] : [id, ...lineOf(parents.get(id) ?? null, parents)];

/** The category and all below it. */
const subtreeOf = (id: string, rows: readonly CategoryRow[]): string[] => {
  const parents = parentsOf(rows);
  return rows.map((row) => row.id).filter((each) => lineOf(each, parents).includes(id));
};

const markForRelisting = async (trx: Transaction<VariantTables>, ids: readonly string[]): Promise<void> => {
  await trx
    .insertInto('category_relistings')
    .values(ids.map((category_id) => ({ category_id, after_id: '' })))
    .onConflict((conflict) => conflict.column('category_id').doUpdateSet({ after_id: '' }))
    .execute();
};

const requirePlace = (id: string, parent: string | null, rows: readonly CategoryRow[]): void => {
  const parents = parentsOf(rows);
  if (parent !== null && !parents.has(parent)) throw new ProblemError(unknownCategory);
  const above = lineOf(parent, parents);
  if (above.includes(id)) throw new ProblemError(categoryCycle);
  const own = lineOf(id, parents).length;
  const levels = Math.max(0, ...subtreeOf(id, rows).map((each) => lineOf(each, parents).length - own));
  if (above.length + 1 + levels > MOST_LEVELS) throw new ProblemError(categoryTooDeep);
};

/** Adds, changes, deletes and shows categories. Refusals are ProblemErrors. */
export const createCategoryTree = (db: Executor<VariantTables>) => {
  const changeTree = <Result>(
    work: (trx: Transaction<VariantTables>, rows: readonly CategoryRow[]) => Promise<Result>,
  ): Promise<Result> =>
    transact(db, async (trx) => {
      await lockCategoryTree(trx, 'exclusive');
      return work(trx, await readRows(trx));
    });

  return {
    /** The categories without a parent, with all below them. */
    read: async (): Promise<readonly CategoryNode[]> => {
      const rows = await readRows(db);
      const counts = await db
        .selectFrom('products')
        .select(['category_id', ({ fn }) => fn.countAll<number>().as('count')])
        .groupBy('category_id')
        .execute();
      const own = new Map(counts.map(({ category_id, count }) => [category_id, Number(count)]));
      const pending = await db.selectFrom('category_relistings').select('category_id').execute();
      const relisting = new Set(pending.map(({ category_id }) => category_id));
      const byParent = Map.groupBy(rows, ({ parent_id }) => parent_id);
      const nodesUnder = (parent: string | null): CategoryNode[] =>
        (byParent.get(parent) ?? []).map(({ id, name }) => {
          const children = nodesUnder(id);
          const below = children.reduce((sum, { productCount }) => sum + productCount, 0);
          return {
            id,
            name,
            parent,
            productCount: (own.get(id) ?? 0) + below,
            isRelisting: relisting.has(id) || children.some((child) => child.isRelisting),
            children,
          };
        });
      return nodesUnder(null);
    },

    add: (category: { readonly id: string; readonly name: string; readonly parent: string | null }) =>
      changeTree(async (trx, rows) => {
        const { id, name, parent: parent_id } = category;
        if (rows.some((row) => row.id === id)) throw new ProblemError(categoryExists);
        requirePlace(id, parent_id, rows);
        await trx.insertInto('categories').values({ id, name, parent_id }).execute();
      }),

    /** Renames or moves a category. Resolves with whether it moved. */
    change: (
      id: string,
      change: { readonly name?: string | undefined; readonly parent?: string | null | undefined },
    ) =>
      changeTree(async (trx, rows) => {
        const current = rows.find((row) => row.id === id);
        if (!current) throw new ProblemError(categoryNotFound);
        const { name = current.name, parent: parent_id = current.parent_id } = change;
        const isMove = parent_id !== current.parent_id;
        if (isMove) requirePlace(id, parent_id, rows);
        await trx.updateTable('categories').set({ name, parent_id }).where('id', '=', id).execute();
        if (isMove) await markForRelisting(trx, subtreeOf(id, rows));
        return isMove;
      }),

    remove: (id: string) =>
      changeTree(async (trx, rows) => {
        if (!rows.some((row) => row.id === id)) throw new ProblemError(categoryNotFound);
        const products = trx.selectFrom('products').select('id').where('category_id', '=', id).limit(1);
        const isUsed = rows.some((row) => row.parent_id === id) || (await products.execute()).length > 0;
        if (isUsed) throw new ProblemError(categoryNotEmpty);
        await trx.deleteFrom('categories').where('id', '=', id).execute();
      }),
  };
};

export type CategoryTree = ReturnType<typeof createCategoryTree>;
