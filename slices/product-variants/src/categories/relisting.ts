/**
 * Problem: after a move, the products below the category must be listed under its new parents and no longer under the
 * old ones. For a million products that takes minutes, and the process may be killed in between.
 * The idea: the move leaves one row for each category below it. A step takes one such row, lists the next products of
 * that category anew by the current tree, and commits that together with how far it came.
 * Guarantees: after a kill, the next step continues where the last one committed; steps of several processes, of several
 * moves and of editors compose. In every committed state a product is listed under all of its old parents or under all
 * of its new ones, and lists that contain both (the moved category itself, and what is above both places) never change.
 * Does NOT guarantee: that a reader of the old or new parent sees the move at one moment. Until the last step, each of
 * the two lists has a part of the products: whoever pages through it sees them as products that leave or arrive.
 */
import { setImmediate } from 'node:timers/promises';
import { listProducts, lockCategoryTree } from '@lab/catalog-pagination';
import { type Executor, engineOf, forUpdate, transact } from '@lab/shared/database';
import type { ServerContext } from '@lab/shared/http';
import { type PeriodicTask, runPeriodically } from '@lab/shared/process';
import type { VariantTables } from '../variant-tables.ts';

const PRODUCTS_PER_STEP = 500;

/** Does one step. Resolves with the products that it listed, or with undefined if there is nothing to do. */
export const relistStep = (
  db: Executor<VariantTables>,
  size: number = PRODUCTS_PER_STEP,
): Promise<readonly string[] | undefined> =>
  transact(db, async (trx) => {
    await lockCategoryTree(trx, 'shared');
    const [next] = await trx
      .selectFrom('category_relistings')
      .selectAll()
      .orderBy('category_id')
      .limit(1)
      .$call(forUpdate(trx))
      // Another process is at work on a locked row, and this one takes the next.
      .$if(engineOf(trx) === 'postgres', (query) => query.skipLocked())
      .execute();
    if (next === undefined) return undefined;
    const { category_id, after_id } = next;
    const products = await trx
      .selectFrom('products')
      .select('id')
      .where('category_id', '=', category_id)
      .where('id', '>', after_id)
      .orderBy('id')
      .limit(size)
      .$call(forUpdate(trx))
      .execute();
    await listProducts(trx, products);
    const ids = products.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined || ids.length < size) {
      await trx.deleteFrom('category_relistings').where('category_id', '=', category_id).execute();
    } else {
      await trx
        .updateTable('category_relistings')
        .set({ after_id: last })
        .where('category_id', '=', category_id)
        .execute();
    }
    return ids;
  });

export interface RelisterDeps {
  readonly db: Executor<VariantTables>;
  /** Called after each step, with the products that are now listed elsewhere. */
  readonly onChanged?: ((productIds: readonly string[]) => Promise<void> | void) | undefined;
}

/** Does steps until none is left or the signal aborts. */
export const relistAll = async ({ db, onChanged }: RelisterDeps, signal?: AbortSignal): Promise<void> => {
  while (!signal?.aborted) {
    const ids = await relistStep(db);
    if (ids === undefined) return;
    if (ids.length > 0) await onChanged?.(ids);
    // SQLite calls are synchronous, so requests get their turn here.
    await setImmediate();
  }
};

const PAUSE_MS = 5_000;

/** Finishes moves in the background, those of killed processes too. Any number of processes can run it. */
export const startRelister = (
  deps: RelisterDeps,
  { logger }: Pick<ServerContext<unknown>, 'logger'>,
): PeriodicTask =>
  runPeriodically((signal) => relistAll(deps, signal), {
    intervalMs: PAUSE_MS,
    onError: (error) => logger.error({ err: error }, 'could not list the products of a moved category'),
  });
