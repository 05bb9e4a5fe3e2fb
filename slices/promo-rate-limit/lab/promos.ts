/** Two ways to redeem FIRST50, on one database. */
import { randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase } from '@lab/shared/database';
import { parseMoney } from '@lab/shared/money';
import { sql } from 'kysely';
import { createPromoStore, type PromoTables, promoMigrations, seedPromoCodes } from '../src/index.ts';
import { type NaiveTables, redeemNaively } from './naive-promo.ts';

const LIMIT = 50;
const total = parseMoney({ amount: '59.90', currency: 'USD' });

export interface Redeeming {
  readonly redeem: (userId: number, cartId: string) => Promise<string>;
  /** How many redemptions of FIRST50 there are. */
  readonly count: () => Promise<number>;
}

/** Both ways, on a new database each time, because the code has a limit. */
export const withPromos = async <Result>(
  look: (naive: Redeeming, ours: Redeeming) => Promise<Result>,
): Promise<Result> => {
  const db = openDatabase<PromoTables & NaiveTables>('sqlite::memory:');
  const now = () => new Date();
  await migrate(db, [promoMigrations]);
  await seedPromoCodes(db.withTables<PromoTables>(), { now });
  await sql`create table naive_redemptions (code text, user_id integer, cart_id text)`.execute(db);
  const promos = createPromoStore(db.withTables<PromoTables>(), { now, newId: randomUUIDv7 });
  const naive: Redeeming = {
    redeem: (user_id, cart_id) => redeemNaively(db, { code: 'FIRST50', user_id, cart_id }, LIMIT),
    count: async () => (await db.selectFrom('naive_redemptions').select('code').execute()).length,
  };
  const ours: Redeeming = {
    redeem: async (userId, cartId) => {
      const outcome = await promos.redeem({ code: 'FIRST50', userId, cartId, total });
      return outcome.state === 'refused' ? outcome.reason : outcome.state;
    },
    count: async () => (await promos.list()).find(({ promo }) => promo.code === 'FIRST50')?.redeemed ?? 0,
  };
  try {
    return await look(naive, ours);
  } finally {
    await db.destroy();
  }
};

/** 500 users redeem at once. Resolves with the redemptions beyond 50. */
export const countBeyondLimit = async ({ redeem, count }: Redeeming): Promise<number> => {
  await Promise.all(Array.from({ length: 500 }, (_, user) => redeem(user + 1, 'cart')));
  return (await count()) - LIMIT;
};

/** 20 users get no answer and repeat their request. Resolves with the redemptions that the repeats have used up. */
export const countBurned = async ({ redeem, count }: Redeeming): Promise<number> => {
  for (let user = 1; user <= 20; user += 1) {
    await redeem(user, 'cart');
    await redeem(user, 'cart');
  }
  return (await count()) - 20;
};
