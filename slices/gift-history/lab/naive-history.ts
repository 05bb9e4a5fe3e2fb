import type { GiftTables } from '@lab/gift-grant';
import type { Kysely } from 'kysely';

export interface NaiveQuery {
  readonly userId?: string;
  readonly from?: string;
  readonly cursor?: string;
}

export const PAGE = 20;

// #region heart
/** The cursor says how many gifts were shown, but not of which list. */
export const writeCursor = (skip: number) => Buffer.from(`${skip}`).toString('base64url');
export const readCursor = (cursor = '') => Number(Buffer.from(cursor, 'base64url').toString());

/** Newest first. OFFSET skips the gifts already shown. */
export const naivePage = (db: Kysely<GiftTables>, { userId, from, cursor }: NaiveQuery) => {
  let page = db.selectFrom('gifts').selectAll().orderBy('created_at', 'desc').limit(PAGE);
  if (userId !== undefined) page = page.where('user_id', '=', userId);
  if (from !== undefined) page = page.where('created_at', '>=', Date.parse(from));
  return page.offset(readCursor(cursor));
};
// #endregion
