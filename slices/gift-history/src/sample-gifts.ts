import type { GiftTables } from '@lab/gift-grant';
import { type Executor, runSetup } from '@lab/shared/database';
import type { GiftRow } from './gift-list.ts';

const COUNT = 300;
const STEP_MS = 3_600_000;
// Databases limit the number of parameters per statement.
const ROWS_PER_INSERT = 100;

const users = ['1', '2', '3', '4', '5', 'ana', 'bo'];
// Products of the lab's shop, which are listed in cart-pricing.
const skus = ['ICE-VANILLA-500', 'SNACK-FUDGE-250', 'ART-PENCIL-COL-24', 'EU-NOUGAT-200'];
const messages = ['Happy birthday!', 'Thank you for staying with us.', null];

/** Three gifts share each time, like gifts of one campaign, so that their order cannot depend on times alone. */
const sampleGift = (index: number, nowMs: number): GiftRow => ({
  id: `019a0000-0000-7000-8000-${String(COUNT - index).padStart(12, '0')}`,
  user_id: users[index % users.length] ?? '',
  sku: skus[index % skus.length] ?? '',
  message: messages[index % messages.length] ?? null,
  status: 'granted',
  created_at: nowMs - Math.floor(index / 3) * STEP_MS,
});

/** Fills an empty table with 300 gifts of several users, the newest at the current time. Otherwise changes nothing. */
export const seedGifts = (db: Executor<GiftTables>, { now }: { readonly now: () => Date }): Promise<void> =>
  runSetup(db, async (trx) => {
    const first = await trx.selectFrom('gifts').select('id').limit(1).executeTakeFirst();
    if (first !== undefined) return;
    const nowMs = now().getTime();
    const gifts = Array.from({ length: COUNT }, (_, index) => sampleGift(index, nowMs));
    for (let start = 0; start < COUNT; start += ROWS_PER_INSERT) {
      await trx
        .insertInto('gifts')
        .values(gifts.slice(start, start + ROWS_PER_INSERT))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  });
