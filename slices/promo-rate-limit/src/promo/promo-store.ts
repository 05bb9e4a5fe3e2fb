/**
 * Problem: two requests read that one redemption is left, and both redeem.
 * The idea: all decisions of one user about one code take turns on the row that counts them. The limit of all users
 * together is part of the update that counts: `redeemed = redeemed + 1 where redeemed < max_redemptions`.
 * Guarantees: no limit is ever passed, in any number of processes. A user who applies a code to the same cart again has
 * the same redemption. A redemption is given back once, and then counts no more. All of it in one transaction, the
 * caller's if there is one: what rolls back has consumed nothing.
 * Does NOT guarantee: that a redemption which no order takes is ever given back.
 */
import { type Executor, transact } from '@lab/shared/database';
import { type Money, toMinorUnits } from '@lab/shared/money';
import { sql } from 'kysely';
import { countUse, findPromo, giveShared, lockUses, type Trx, takeShared } from './promo-counters.ts';
import { discountOf, type Promo, type RuleRefusal, refusalOf } from './promo-rules.ts';
import { type PromoTables, type Redemption, toPromo, toRedemption } from './promo-tables.ts';

export type PromoRefusal = RuleRefusal | 'unknown_promo' | 'promo_already_used' | 'promo_exhausted';

/** `repeated`: an earlier request has redeemed it for this cart or order, and nothing more was consumed. */
export type RedeemOutcome =
  | { readonly state: 'redeemed' | 'repeated'; readonly redemption: Redemption }
  | { readonly state: 'refused'; readonly reason: PromoRefusal };

/** `in_order`: it belongs to an order, which gives it back when it ends. */
export type GiveBackOutcome = 'given_back' | 'repeated' | 'in_order' | 'unknown_redemption';

interface Wish {
  readonly code: string;
  readonly userId: number;
  /** The sum to be discounted, of at least 0 and no finer than the minor unit. */
  readonly total: Money;
}

export interface PromoUse {
  readonly promo: Promo;
  /** Redemptions that have not been given back. */
  readonly redeemed: number;
}

/** Where a redemption is used. */
type Place = { readonly cart_id: string | null; readonly order_id: string | null };

const refused = (reason: PromoRefusal): RedeemOutcome => ({ state: 'refused', reason });

const amountsOf = ({ value }: Promo, total: Money) => ({
  currency: total.currency,
  total_minor: toMinorUnits(total),
  discount_minor: toMinorUnits(discountOf(value, total)),
});

const redemptionsOf = (db: Executor<PromoTables>, { code, userId }: Wish) =>
  db
    .selectFrom('promo_redemptions')
    .selectAll()
    .where('code', '=', code)
    .where('user_id', '=', userId)
    .where('status', '=', 'redeemed');

/** Redemptions of promo codes. On a transaction it joins that one, and consumes nothing if that one rolls back. */
export const createPromoStore = (
  db: Executor<PromoTables>,
  { now, newId }: { readonly now: () => Date; readonly newId: () => string },
) => {
  const redeemAnew = async (
    trx: Trx,
    promo: Promo,
    { userId, total }: Wish,
    { uses, ...place }: Place & { readonly uses: number },
  ): Promise<RedeemOutcome> => {
    const reason = refusalOf(promo, total, now());
    if (reason !== undefined) return refused(reason);
    if (promo.limitPerUser !== null && uses >= promo.limitPerUser) return refused('promo_already_used');
    if (!(await takeShared(trx, promo))) return refused('promo_exhausted');
    await countUse(trx, promo.code, userId, 1);
    const values = {
      ...place,
      ...amountsOf(promo, total),
      id: newId(),
      code: promo.code,
      user_id: userId,
      status: 'redeemed',
      created_at: now().getTime(),
      given_back_at: null,
    } as const;
    await trx.insertInto('promo_redemptions').values(values).execute();
    return { state: 'redeemed', redemption: toRedemption(values) };
  };

  /** Under the lock of its user and code. Resolves with whether this call has given it back. */
  const giveBackLocked = async (trx: Trx, { id, code, user_id }: PromoTables['promo_redemptions']) => {
    const { numUpdatedRows } = await trx
      .updateTable('promo_redemptions')
      .set({ status: 'given_back', given_back_at: now().getTime() })
      .where('id', '=', id)
      .where('status', '=', 'redeemed')
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    await countUse(trx, code, user_id, -1);
    await giveShared(trx, code);
    return true;
  };

  return {
    /** Redeems a code for a cart, or finds the redemption that the cart has. */
    redeem: async (wish: Wish & { readonly cartId: string }): Promise<RedeemOutcome> => {
      const findEarlier = async (on: Executor<PromoTables>): Promise<RedeemOutcome | undefined> => {
        const ofCart = redemptionsOf(on, wish).where('cart_id', '=', wish.cartId);
        const row = await ofCart.executeTakeFirst();
        return row && { state: 'repeated', redemption: toRedemption(row) };
      };
      // Guesses, refusals and repeats write nothing and wait for nobody. Under the lock, all of this is decided again.
      const promo = await findPromo(db, wish.code);
      if (!promo) return refused('unknown_promo');
      const earlier = await findEarlier(db);
      if (earlier) return earlier;
      const reason = refusalOf(promo, wish.total, now());
      if (reason !== undefined) return refused(reason);
      return transact(db, async (trx) => {
        const uses = await lockUses(trx, wish.code, wish.userId);
        const place = { cart_id: wish.cartId, order_id: null };
        return (await findEarlier(trx)) ?? redeemAnew(trx, promo, wish, { uses, ...place });
      });
    },

    /**
     * Redeems a code for an order, at the order's own total. If its user has applied the code to a cart, the order takes
     * that redemption over, the oldest first, and no other is consumed. For checkout, inside its transaction.
     */
    redeemForOrder: (wish: Wish & { readonly orderId: string }): Promise<RedeemOutcome> =>
      transact(db, async (trx) => {
        const promo = await findPromo(trx, wish.code);
        if (!promo) return refused('unknown_promo');
        const uses = await lockUses(trx, wish.code, wish.userId);
        const ofUser = await redemptionsOf(trx, wish)
          .where((row) => row.or([row('order_id', '=', wish.orderId), row('order_id', 'is', null)]))
          .orderBy('created_at')
          .orderBy('id')
          .execute();
        const earlier = ofUser.find(({ order_id }) => order_id === wish.orderId);
        if (earlier) return { state: 'repeated', redemption: toRedemption(earlier) };
        const place = { cart_id: null, order_id: wish.orderId };
        const [held] = ofUser;
        if (!held) return redeemAnew(trx, promo, wish, { uses, ...place });
        const reason = refusalOf(promo, wish.total, now());
        if (reason !== undefined) return refused(reason);
        const changes = { ...place, ...amountsOf(promo, wish.total) };
        await trx.updateTable('promo_redemptions').set(changes).where('id', '=', held.id).execute();
        return { state: 'redeemed', redemption: toRedemption({ ...held, ...changes }) };
      }),

    /** Gives back a redemption of this user that no order has. */
    giveBack: ({ id, userId }: { readonly id: string; readonly userId: number }): Promise<GiveBackOutcome> =>
      transact(db, async (trx) => {
        const ofUser = trx
          .selectFrom('promo_redemptions')
          .selectAll()
          .where('id', '=', id)
          .where('user_id', '=', userId);
        const found = await ofUser.executeTakeFirst();
        if (!found) return 'unknown_redemption';
        await lockUses(trx, found.code, userId);
        const row = await ofUser.executeTakeFirstOrThrow();
        if (row.status === 'redeemed' && row.order_id !== null) return 'in_order';
        return (await giveBackLocked(trx, row)) ? 'given_back' : 'repeated';
      }),

    /** Gives back what an order has redeemed, when it ends unpaid. Repeating it changes nothing. Resolves with how many. */
    giveBackOrder: (orderId: string): Promise<number> =>
      transact(db, async (trx) => {
        const ofOrder = trx.selectFrom('promo_redemptions').selectAll().where('order_id', '=', orderId);
        let count = 0;
        for (const row of await ofOrder.where('status', '=', 'redeemed').orderBy('code').execute()) {
          await lockUses(trx, row.code, row.user_id);
          if (await giveBackLocked(trx, row)) count += 1;
        }
        return count;
      }),

    /** All codes, with their use. */
    list: async (): Promise<readonly PromoUse[]> => {
      const used = db
        .selectFrom('promo_redemptions')
        .select(['code', sql<number>`count(*)`.as('redeemed')])
        .where('status', '=', 'redeemed')
        .groupBy('code');
      const [codes, counts] = [
        await db.selectFrom('promo_codes').selectAll().orderBy('code').execute(),
        new Map((await used.execute()).map(({ code, redeemed }) => [code, redeemed])),
      ];
      return codes.map((row) => ({ promo: toPromo(row), redeemed: counts.get(row.code) ?? 0 }));
    },
  };
};

export type PromoStore = ReturnType<typeof createPromoStore>;
