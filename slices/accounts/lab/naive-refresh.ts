import { transact } from '@lab/shared/database';
import type { Kysely } from 'kysely';

export type NaiveTables = { naive_tokens: { token: string; session: string; used: number } };

// #region heart
/** Looks whether the token is unused, then replaces it. A used one revokes the session, and throws. */
export const refreshNaively = async (db: Kysely<NaiveTables>, token: string, next: string) => {
  const query = db.selectFrom('naive_tokens').selectAll().where('token', '=', token);
  const { session, used } = await query.executeTakeFirstOrThrow();
  if (used === 1)
    await transact(db, async (trx) => {
      await trx.deleteFrom('naive_tokens').where('session', '=', session).execute();
      throw new Error('401: the token was used before');
    });
  await db.updateTable('naive_tokens').set({ used: 1 }).where('token', '=', token).execute();
  await db.insertInto('naive_tokens').values({ token: next, session, used: 0 }).execute();
  return next;
};
// #endregion
