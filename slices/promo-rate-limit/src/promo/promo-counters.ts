import type { Executor } from '@lab/shared/database';
import type { Transaction } from 'kysely';
import type { Promo } from './promo-rules.ts';
import { type PromoTables, toPromo } from './promo-tables.ts';

export type Trx = Transaction<PromoTables>;

export const findPromo = async (db: Executor<PromoTables>, code: string): Promise<Promo | undefined> => {
  const row = await db.selectFrom('promo_codes').selectAll().where('code', '=', code).executeTakeFirst();
  return row && toPromo(row);
};

/** Makes this user's requests for this code take turns until the transaction ends. Resolves with the uses so far. */
export const lockUses = async (trx: Trx, code: string, userId: number): Promise<number> => {
  const { uses } = await trx
    .insertInto('promo_uses')
    .values({ code, user_id: userId, uses: 0 })
    .onConflict((conflict) =>
      conflict.columns(['code', 'user_id']).doUpdateSet((row) => ({ uses: row.ref('promo_uses.uses') })),
    )
    .returning('uses')
    .executeTakeFirstOrThrow();
  return uses;
};

export const countUse = (trx: Trx, code: string, userId: number, by: 1 | -1) =>
  trx
    .updateTable('promo_uses')
    .set((row) => ({ uses: row('uses', '+', by) }))
    .where('code', '=', code)
    .where('user_id', '=', userId)
    .execute();

/** Takes one of the redemptions that all users share. Resolves with whether one was left. */
export const takeShared = async (trx: Trx, { code, limit }: Promo): Promise<boolean> => {
  if (limit === null) return true;
  const { numUpdatedRows } = await trx
    .updateTable('promo_codes')
    .set((row) => ({ redeemed: row('redeemed', '+', 1) }))
    .where('code', '=', code)
    .whereRef('redeemed', '<', 'max_redemptions')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
};

/** Gives back what `takeShared` took. */
export const giveShared = (trx: Trx, code: string) =>
  trx
    .updateTable('promo_codes')
    .set((row) => ({ redeemed: row('redeemed', '-', 1) }))
    .where('code', '=', code)
    .where('max_redemptions', 'is not', null)
    .execute();
