import { checkStock } from '@lab/inventory-reservation';
import { ProblemError, unknownPromo } from '@lab/shared/http';
import { fromMinorUnits, toMinorUnits } from '@lab/shared/money';
import { type DatabaseEngine, type ModelledShop, modelled } from '@lab/testing';
import { sql } from 'kysely';
import type { CheckoutSteps } from '../src/index.ts';
import { expireOrders } from '../src/orders/expiry-sweeper.ts';
import { alice, bob, operator, startTestShop } from './shop-app.ts';

const { sku, stock, codes, giftFromMinor } = modelled;

/** A promo code that is counted, and gifts, in tables of the test. */
export const extras: Pick<CheckoutSteps, 'discount' | 'gift'> = {
  discount: {
    problems: [unknownPromo],
    redeem: async (trx, { orderId, total }) => {
      const take = sql`update test_code set left_over = left_over - 1 where left_over > 0 returning 1`;
      if ((await take.execute(trx)).rows.length === 0) throw new ProblemError(unknownPromo);
      await sql`insert into test_uses values (${orderId})`.execute(trx);
      return fromMinorUnits(100, total.currency);
    },
    giveBack: async (trx, orderId) => {
      const { rows } = await sql`delete from test_uses where order_id = ${orderId} returning 1`.execute(trx);
      await sql`update test_code set left_over = left_over + ${rows.length}`.execute(trx);
    },
  },
  gift: {
    grant: async (trx, { orderId, subtotal }) => {
      if (toMinorUnits(subtotal) < giftFromMinor) return undefined;
      await sql`insert into test_gifts values (${orderId})`.execute(trx);
      return { id: orderId, sku: 'GIFT' };
    },
    takeBack: (trx, { id }) => sql`delete from test_gifts where order_id = ${id}`.execute(trx),
  },
};

type Shop = Awaited<ReturnType<typeof startTestShop>>;

const read = async ({ db, stock: shelves }: Shop) => {
  const code = await sql<{ left_over: number }>`select left_over from test_code`.execute(db);
  const gifts = await sql<{ order_id: string }>`select order_id from test_gifts`.execute(db);
  const events = await db.selectFrom('order_events').select('order_id').execute();
  const row = await shelves.find(sku);
  return {
    orders: await db.selectFrom('orders').select(['id', 'status']).orderBy('number').execute(),
    events: events.map(({ order_id }) => order_id),
    stock: { on_hand: row?.on_hand ?? 0, reserved: row?.reserved ?? 0 },
    codesLeft: code.rows[0]?.left_over ?? 0,
    gifts: gifts.rows.map(({ order_id }) => order_id),
    faults: (await checkStock(db)).faults,
  };
};

/** Sweeps may be late, but not by as long as goods are held longer than an order waits. */
const LATE_MS = 120_000;

/** The shop of the slice, with a code and gifts, or with what is planted in their place. */
export const openModelled = async (
  engine: DatabaseEngine,
  planted: Partial<typeof extras> = {},
): Promise<ModelledShop> => {
  const shop = await startTestShop(engine, { steps: { ...extras, ...planted } });
  const { db, orders, now, advance, request } = shop;
  await sql`create table test_code (left_over integer)`.execute(db);
  await sql`create table test_uses (order_id text primary key)`.execute(db);
  await sql`create table test_gifts (order_id text primary key)`.execute(db);
  await sql`insert into test_code values (${codes})`.execute(db);
  await shop.stock.create([{ sku, quantity: stock }]);
  return {
    ...{ request, now, advance, operator, latestSweepMs: LATE_MS },
    shoppers: [alice, bob],
    ...{ code: 'CODE', codeIsGone: 'unknown_promo' },
    sweep: () => expireOrders({ db, orders, now }),
    read: () => read(shop),
  };
};
