import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';
import { type ModelledShop, modelled } from './modelled-shop.ts';
import {
  giftsIn,
  type Model,
  moveInModel,
  ORDER_STATES,
  type OrderState,
  reservedIn,
} from './order-model.ts';

type Command = fc.AsyncCommand<Model, ModelledShop>;

/** Everything that the database says must be what the model says. */
const compare = async (model: Model, { read }: ModelledShop): Promise<void> => {
  const { orders, events, stock, codesLeft, gifts, faults } = await read();
  expect(orders).toEqual(model.orders.map(({ id, status }) => ({ id, status })));
  expect(stock).toEqual({ on_hand: model.onHand, reserved: reservedIn(model) });
  for (const order of model.orders)
    expect(events.filter((orderId) => orderId === order.id)).toHaveLength(order.events);
  expect(codesLeft).toBe(model.codesLeft);
  expect(gifts.toSorted()).toEqual(giftsIn(model).toSorted());
  expect(faults).toEqual([]);
};

const command = (name: string, run: (model: Model, shop: ModelledShop) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, shop) => {
    await run(model, shop);
    await compare(model, shop);
  },
  toString: () => name,
});

const post = ({ request }: ModelledShop, path: string, as: object, json: object = {}) =>
  request('POST', path, { headers: { ...as, 'Idempotency-Key': randomUUID() }, json });

const add = (shopper: 0 | 1, quantity: number) =>
  command(`add(${shopper}, ${quantity})`, async (model, { request, shoppers }) => {
    const json = { sku: modelled.sku, quantity };
    await request('POST', '/carts/me/items', { headers: shoppers[shopper], json });
    model.carts.set(shopper, (model.carts.get(shopper) ?? 0) + quantity);
  });

const orderBody = z.looseObject({ id: z.string(), gift: z.object({ id: z.string() }).optional() });
const problemBody = z.looseObject({ code: z.string() });

const refusalOf = (model: Model, quantity: number, goneCode: string | undefined): string | undefined => {
  if (quantity === 0) return 'cart_empty';
  if (goneCode !== undefined && model.codesLeft === 0) return goneCode;
  return quantity > model.onHand - reservedIn(model) ? 'insufficient_stock' : undefined;
};

const checkOut = (shopper: 0 | 1, hasCode: boolean) =>
  command(`checkOut(${shopper}${hasCode ? ', code' : ''})`, async (model, shop) => {
    const quantity = model.carts.get(shopper) ?? 0;
    const refusal = refusalOf(model, quantity, hasCode ? shop.codeIsGone : undefined);
    const json = hasCode ? { promo_code: shop.code } : {};
    const { status, body } = await post(shop, '/checkout', shop.shoppers[shopper], json);
    if (refusal !== undefined) {
      expect(problemBody.parse(body).code).toBe(refusal);
      return;
    }
    expect(status).toBe(201);
    const { id, gift } = orderBody.parse(body);
    expect(gift !== undefined).toBe(quantity * modelled.unitMinor >= modelled.giftFromMinor);
    const expiresAt = shop.now().getTime() + modelled.windowMs;
    const known = { id, shopper, quantity, hasCode, gift: gift?.id, expiresAt };
    model.orders.push({ ...known, status: 'pending', events: 1 });
    model.carts.set(shopper, 0);
    if (hasCode) model.codesLeft -= 1;
  });

const moveRequest = (shop: ModelledShop, id: string, to: OrderState, shopper: number) =>
  to === 'cancelled'
    ? post(shop, `/orders/${id}/cancel`, shop.shoppers[shopper === 0 ? 0 : 1])
    : post(shop, `/orders/${id}/transitions`, shop.operator, { to });

const move = (place: number, to: OrderState) =>
  command(`move(${place}, ${to})`, async (model, shop) => {
    const order = model.orders[place % Math.max(1, model.orders.length)];
    if (order === undefined) return;
    const { status } = await moveRequest(shop, order.id, to, order.shopper);
    expect(status).toBe(moveInModel(model, order, to) ? 200 : 409);
  });

/** Two at once: what becomes of them is what becomes of them one after the other, in one order or the other. */
const moveTwice = (place: number, first: OrderState, second: OrderState) =>
  command(`moveTwice(${place}, ${first}, ${second})`, async (model, shop) => {
    const order = model.orders[place % Math.max(1, model.orders.length)];
    if (order === undefined) return;
    const answers = await Promise.all(
      [first, second].map((to) => moveRequest(shop, order.id, to, order.shopper)),
    );
    const [one, two] = answers.map(({ status }) => status === 200);
    const status = (await shop.read()).orders.find(({ id }) => id === order.id)?.status;
    const serial = one && two && status === first ? [second, first] : [first, second];
    const carriedOut = serial.filter((to) => (to === first && one) || (to === second && two));
    for (const to of first === second && one !== two ? [first] : carriedOut)
      expect(moveInModel(model, order, to)).toBe(true);
    expect(order.status).toBe(status);
  });

const sweepBoth = async (model: Model, shop: ModelledShop): Promise<void> => {
  await shop.sweep();
  const nowMs = shop.now().getTime();
  for (const order of model.orders)
    if (order.status === 'pending' && order.expiresAt <= nowMs) moveInModel(model, order, 'expired');
};

const sweep = () => command('sweep()', sweepBoth);

const pass = (ms: number) =>
  command(`pass(${ms})`, async (model, shop) => {
    await shop.advance(ms);
    const isLate = model.orders.some(
      ({ status, expiresAt }) =>
        status === 'pending' && expiresAt + shop.latestSweepMs <= shop.now().getTime(),
    );
    if (isLate) await sweepBoth(model, shop);
  });

const shopper = fc.constantFrom<0 | 1>(0, 1);
const place = fc.nat({ max: 5 });
const paidOrNot = fc.constantFrom<OrderState>('payment_confirmed', 'cancelled');
const state = fc.constantFrom(...ORDER_STATES);

export const commands = fc.commands(
  [
    fc.tuple(shopper, fc.integer({ min: 1, max: 5 })).map((given) => add(...given)),
    fc.tuple(shopper, fc.boolean()).map((given) => checkOut(...given)),
    fc.tuple(place, state).map((given) => move(...given)),
    fc.tuple(place, paidOrNot).map((given) => move(...given)),
    fc.tuple(place, state, state).map((given) => moveTwice(...given)),
    fc.integer({ min: 1, max: modelled.windowMs / 2 }).map(pass),
    fc.constant(0).map(sweep),
  ],
  { maxCommands: 60, size: 'max' },
);
