import type { Kysely } from 'kysely';
import type { CatalogTables } from '../src/index.ts';

type Database = Kysely<CatalogTables>;

// #region heart
/** Products in one currency, newest first. */
const newest = (db: Database) =>
  db.selectFrom('products').selectAll().where('currency', '=', 'USD').orderBy('created_at', 'desc');

/** Pages by number: skips the products already shown. */
export const pageByOffset = (db: Database, skip: number, limit: number) =>
  newest(db).limit(limit).offset(skip);

/** Continues after the last time shown, without a tie-breaker for equal times. */
export const pageByTime = (db: Database, lastTime: number, limit: number) =>
  newest(db).where('created_at', '<', lastTime).limit(limit);

/** Clients can read and alter the cursor, and the server trusts it. */
export const readCursor = (cursor: string) => JSON.parse(Buffer.from(cursor, 'base64url').toString());
// #endregion
