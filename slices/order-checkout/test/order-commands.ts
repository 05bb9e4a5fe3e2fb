import { checkStock } from '@lab/inventory-reservation';
import { ProblemError, unknownPromo } from '@lab/shared/http';
import { fromMinorUnits, toMinorUnits } from '@lab/shared/money';
import type { DatabaseEngine } from '@lab/testing';
import fc from 'fast-check';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { z } from 'zod';
import { type CheckoutSteps, ORDER_STATES, type OrderState } from '../src/index.ts';
import { expireOrders } from '../src/orders/expiry-sweeper.ts';
import { type Model, moveInModel, reservedIn } from './order-model.ts';
import { alice, bob, operator, startTestShop, WINDOW_MS } from './shop-app.ts';

const SKU = 'ICE-VANILLA-500';
export const STOCK = 12;
export const CODES = 3;
const GIFT_FROM_MINOR = 2500;
const UNIT_MINOR = 699;

/** A promo code that is counted, and gifts, in tables of the test. */
const extras: Pick<CheckoutSteps, 'discount' | 'gift'> = {
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
      if (toMinorUnits(subtotal) < GIFT_FROM_MINOR) return undefined;
      await sql`insert into test_gifts values (${orderId})`.execute(trx);
      return { id: orderId, sku: 'GIFT' };
    },
    takeBack: (trx, { id }) => sql`delete from test_gifts where order_id = ${id}`.execute(trx),
  },
};

export const openModelled = async (engine: DatabaseEngine) => {
  const shop = await startTestShop(engine, { steps: extras });
  await sql`create table test_code (left_over integer)`.execute(shop.db);
  await sql`create table test_uses (order_id text primary key)`.execute(shop.db);
  await sql`create table test_gifts (order_id text primary key)`.execute(shop.db);
  await sql`insert into test_code values (${CODES})`.execute(shop.db);
  await shop.stock.create([{ sku: SKU, quantity: STOCK }]);
  return shop;
};

export type Real = Awaited<ReturnType<typeof openModelled>>;
type Command = fc.AsyncCommand<Model, Real>;

const clients = new Map([
  [1, alice],
  [2, bob],
]);
const as = (userId: number) => clients.get(userId) ?? alice;

/** Everything that the database says must be what the model says. */
const compare = async (model: Model, { db, stockOf }: Real): Promise<void> => {
  const rows = await db.selectFrom('orders').select(['id', 'status']).orderBy('number').execute();
  expect(rows).toEqual(model.orders.map(({ id, status }) => ({ id, status })));
  expect(await stockOf(SKU)).toEqual([model.onHand, reservedIn(model)]);
  const events = await db.selectFrom('order_events').select('order_id').execute();
  for (const order of model.orders)
    expect(events.filter(({ order_id }) => order_id === order.id)).toHaveLength(order.events);
  const code = await sql<{ left_over: number }>`select left_over from test_code`.execute(db);
  expect(code.rows[0]?.left_over).toBe(model.codesLeft);
  const gifts = await sql<{ order_id: string }>`select order_id from test_gifts`.execute(db);
  const wanted = model.orders
    .filter(({ hasGift, status }) => hasGift && !isGivenBack(status))
    .map(({ id }) => id);
  expect(gifts.rows.map(({ order_id }) => order_id).toSorted()).toEqual(wanted.toSorted());
  expect((await checkStock(db)).faults).toEqual([]);
};

const isGivenBack = (status: OrderState) => status === 'cancelled' || status === 'expired';

const command = (name: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    await compare(model, real);
  },
  toString: () => name,
});

const add = (userId: number, quantity: number) =>
  command(`add(${userId}, ${quantity})`, async (model, { fill }) => {
    await fill(as(userId), { [SKU]: quantity });
    model.carts.set(userId, (model.carts.get(userId) ?? 0) + quantity);
  });

const orderBody = z.looseObject({ id: z.string(), gift: z.object({ id: z.string() }).optional() });
const problemBody = z.looseObject({ code: z.string() });

const refusalOf = (model: Model, quantity: number, hasCode: boolean): string | undefined => {
  if (quantity === 0) return 'cart_empty';
  if (hasCode && model.codesLeft === 0) return 'unknown_promo';
  return quantity > model.onHand - reservedIn(model) ? 'insufficient_stock' : undefined;
};

const checkOut = (userId: number, hasCode: boolean) =>
  command(`checkOut(${userId}${hasCode ? ', code' : ''})`, async (model, real) => {
    const quantity = model.carts.get(userId) ?? 0;
    const refusal = refusalOf(model, quantity, hasCode);
    const { status, body } = await real.checkOut(as(userId), hasCode ? { promo_code: 'CODE' } : {});
    if (refusal !== undefined) {
      expect(problemBody.parse(body).code).toBe(refusal);
      return;
    }
    expect(status).toBe(201);
    const { id } = orderBody.parse(body);
    const hasGift = quantity * UNIT_MINOR >= GIFT_FROM_MINOR;
    const expiresAt = model.nowMs + WINDOW_MS;
    model.orders.push({ id, userId, quantity, hasCode, hasGift, expiresAt, status: 'pending', events: 1 });
    model.carts.set(userId, 0);
    if (hasCode) model.codesLeft -= 1;
  });

const moveRequest = (real: Real, id: string, to: OrderState, userId: number) =>
  to === 'cancelled'
    ? real.post(`/orders/${id}/cancel`, as(userId))
    : real.post(`/orders/${id}/transitions`, operator, { to });

const move = (place: number, to: OrderState) =>
  command(`move(${place}, ${to})`, async (model, real) => {
    const order = model.orders[place % Math.max(1, model.orders.length)];
    if (order === undefined) return;
    const { status } = await moveRequest(real, order.id, to, order.userId);
    expect(status).toBe(moveInModel(model, order, to) ? 200 : 409);
  });

/** Two at once: what becomes of them is what becomes of them one after the other, in one order or the other. */
const moveTwice = (place: number, first: OrderState, second: OrderState) =>
  command(`moveTwice(${place}, ${first}, ${second})`, async (model, real) => {
    const order = model.orders[place % Math.max(1, model.orders.length)];
    if (order === undefined) return;
    const answers = await Promise.all(
      [first, second].map((to) => moveRequest(real, order.id, to, order.userId)),
    );
    const [one, two] = answers.map(({ status }) => status === 200);
    const { status } = await real.db
      .selectFrom('orders')
      .select('status')
      .where('id', '=', order.id)
      .executeTakeFirstOrThrow();
    const serial = one && two && status === first ? [second, first] : [first, second];
    const carriedOut = serial.filter((to) => (to === first && one) || (to === second && two));
    for (const to of first === second && one !== two ? [first] : carriedOut)
      expect(moveInModel(model, order, to)).toBe(true);
    expect(order.status).toBe(status);
  });

const sweepBoth = async (model: Model, { db, orders, now }: Real): Promise<void> => {
  await expireOrders({ db, orders, now });
  for (const order of model.orders)
    if (order.status === 'pending' && order.expiresAt <= model.nowMs) moveInModel(model, order, 'expired');
};

const sweep = () => command('sweep()', sweepBoth);

/** Sweeps may be late, but not by as long as goods are held longer than an order waits. */
const LATE_MS = 120_000;

const pass = (ms: number) =>
  command(`pass(${ms})`, async (model, real) => {
    await real.advance(ms);
    model.nowMs += ms;
    const isLate = model.orders.some(
      ({ status, expiresAt }) => status === 'pending' && expiresAt + LATE_MS <= model.nowMs,
    );
    if (isLate) await sweepBoth(model, real);
  });

const user = fc.integer({ min: 1, max: 2 });
const place = fc.nat({ max: 5 });
const state = fc.constantFrom(...ORDER_STATES);

export const commands = fc.commands(
  [
    fc.tuple(user, fc.integer({ min: 1, max: 5 })).map((given) => add(...given)),
    fc.tuple(user, fc.boolean()).map((given) => checkOut(...given)),
    fc.tuple(place, state).map((given) => move(...given)),
    fc
      .tuple(place, fc.constantFrom(...(['payment_confirmed', 'cancelled'] as const)))
      .map((given) => move(...given)),
    fc.tuple(place, state, state).map((given) => moveTwice(...given)),
    fc.integer({ min: 1, max: WINDOW_MS / 2 }).map(pass),
    fc.constant(0).map(sweep),
  ],
  { maxCommands: 60, size: 'max' },
);
