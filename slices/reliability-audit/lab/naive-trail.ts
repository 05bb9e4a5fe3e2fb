import { hash } from 'node:crypto';
import type { Kysely } from 'kysely';

export type NaiveTables = {
  naive_trail: { seq: number; note: string; prev_hash: string; hash: string };
};

// #region heart
/** Writes a note. When that is committed, its entry is chained to the last one. */
export const writeNaively = async (db: Kysely<NaiveTables>, note: string, write: () => Promise<void>) => {
  await write();
  const trail = db.selectFrom('naive_trail').select(['seq', 'hash']);
  const last = await trail.orderBy('seq', 'desc').limit(1).executeTakeFirst();
  const { seq, hash: prev_hash } = last ?? { seq: 0, hash: '' };
  const entry = { seq: seq + 1, note, prev_hash, hash: hash('sha256', prev_hash + note) };
  await db.insertInto('naive_trail').values(entry).execute();
};
// #endregion
