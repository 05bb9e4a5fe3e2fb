/**
 * Problem: a history grows at its head while it is read, so that pages by number repeat what has moved on, and it may be
 * narrowed by filters that the next page must not lose.
 * Guarantees: newest first, gifts of one instant in order of their ids; each page is one range of an index, whatever
 * its depth, with and without a user, for a span of time too.
 * Does NOT guarantee: an index for the status: it filters along the range, cheap while most gifts have the one asked for.
 */
import type { GiftTables } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';

export type GiftRow = GiftTables['gifts'];

export interface GiftFilters {
  /** Whose gifts the caller may see; absent: all. */
  readonly owner?: string | undefined;
  readonly userId?: string | undefined;
  readonly status?: GiftRow['status'] | undefined;
  /** Granted at this time or later. */
  readonly from?: Date | undefined;
  /** Granted before this time. */
  readonly to?: Date | undefined;
}

/** Times are equal now and then; ids never are. */
export const newestFirst = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const satisfies Keyset;

/** The statement of one page: at most `count` gifts behind the position, or from the newest on. */
export const giftPage = (
  db: Executor<GiftTables>,
  { owner, userId, status, from, to }: GiftFilters,
  { count, after }: { readonly count: number; readonly after?: Position | undefined },
) => {
  let page = db.selectFrom('gifts').selectAll().orderBy(keysetOrder(newestFirst)).limit(count);
  if (owner !== undefined) page = page.where('user_id', '=', owner);
  if (userId !== undefined) page = page.where('user_id', '=', userId);
  if (status !== undefined) page = page.where('status', '=', status);
  if (from !== undefined) page = page.where('created_at', '>=', from.getTime());
  if (to !== undefined) page = page.where('created_at', '<', to.getTime());
  return after === undefined ? page : page.where(keysetAfter(newestFirst, after));
};
