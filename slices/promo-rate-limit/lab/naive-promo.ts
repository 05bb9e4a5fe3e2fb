import type { Kysely } from 'kysely';

export type NaiveTables = { naive_redemptions: { code: string; user_id: number; cart_id: string } };

// #region heart
/** Counts what was redeemed, and redeems if that is below the limit. */
export const redeemNaively = async (
  db: Kysely<NaiveTables>,
  wish: { code: string; user_id: number; cart_id: string },
  limit: number,
) => {
  const redeemed = await db
    .selectFrom('naive_redemptions')
    .select('code')
    .where('code', '=', wish.code)
    .execute();
  if (redeemed.length >= limit) return 'used up';
  await db.insertInto('naive_redemptions').values(wish).execute();
  return 'redeemed';
};
// #endregion
