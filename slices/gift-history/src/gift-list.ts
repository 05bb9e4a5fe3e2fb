/**
 * Problem: a history grows at the top while it is read, so pages by number repeat gifts that have moved down. It can
 * also be filtered, and the next page must apply the same filters.
 * Guarantees: gifts come newest first, and gifts of the same time in order of their ids. Each page is one range of an
 * index at any depth, with or without a user or a time range.
 * Does NOT guarantee: an index for the status. That filter skips entries within the range, which is cheap while most
 * gifts have the requested status.
 */
import type { GiftTables } from '@lab/gift-grant';
import type { Executor } from '@lab/shared/database';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '@lab/shared/pagination';

export type GiftRow = GiftTables['gifts'];

export interface GiftFilters {
  /** The user whose gifts the caller may see; absent if the caller may see all gifts. */
  readonly owner?: string | undefined;
  readonly userId?: string | undefined;
  readonly status?: GiftRow['status'] | undefined;
  /** Granted at this time or later. */
  readonly from?: Date | undefined;
  /** Granted before this time. */
  readonly to?: Date | undefined;
}

/** Times can be equal; ids cannot. */
export const newestFirst = [
  { column: 'created_at', direction: 'desc' },
  { column: 'id', direction: 'desc' },
] as const satisfies Keyset;

/** The statement for one page: at most `count` gifts after the position, or the newest ones without a position. */
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
