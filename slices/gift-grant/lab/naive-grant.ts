import type { Kysely } from 'kysely';

export type NaiveTables = { handled_keys: { key: string } };

// #region heart
/** Looks up the key, stores it, then does the work. A duplicate is told that all is well. */
export const naiveOnce = async (db: Kysely<NaiveTables>, key: string, work: () => Promise<string>) => {
  const handled = db.selectFrom('handled_keys').select('key').where('key', '=', key);
  if (await handled.executeTakeFirst()) return 'true';
  await db.insertInto('handled_keys').values({ key }).execute();
  return work();
};
// #endregion
