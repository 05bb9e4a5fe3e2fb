import type { Kysely } from 'kysely';

export type NaiveTables = { naive_notes: { id: string; content: string } };

// #region heart
/** Looks for the note, then stores it: attempts that look at once find nothing, and all of them store. */
export const putNaively = async (db: Kysely<NaiveTables>, id: string, content: string) => {
  const known = db.selectFrom('naive_notes').select('id').where('id', '=', id);
  if (await known.executeTakeFirst()) return 'stored';
  await db.insertInto('naive_notes').values({ id, content }).execute();
  return 'stored';
};
// #endregion
