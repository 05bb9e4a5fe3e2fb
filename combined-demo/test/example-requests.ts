/** What the examples of the document cannot know: ids and tokens of other answers. */
import type { TestServer } from '@lab/testing';
import { z } from 'zod';
import { alice, operator } from './demo-app.ts';

export type Answers = ReadonlyMap<string, unknown>;

const idOfFirstItem = (answers: Answers): string =>
  (answers.get('addCartItem') as { items: { id: string }[] }).items[0]?.id ?? '';

const idOf = (operationId: string, answers: Answers): string =>
  z.object({ id: z.string() }).parse(answers.get(operationId)).id;

/** Ids that come from earlier answers. */
export const fromEarlierAnswers: Readonly<Record<string, (answers: Answers) => Record<string, string>>> = {
  setCartItemQuantity: (answers) => ({ id: idOfFirstItem(answers) }),
  removeCartItem: (answers) => ({ id: idOfFirstItem(answers) }),
  readOrder: (answers) => ({ id: idOf('checkOut', answers) }),
  readOrderEvents: (answers) => ({ id: idOf('checkOut', answers) }),
  moveOrder: (answers) => ({ id: idOf('checkOut', answers) }),
  cancelOrder: (answers) => ({ id: idOf('checkOut', answers) }),
  readPayment: (answers) => ({ id: idOf('createPayment', answers) }),
  confirmPayment: (answers) => ({ id: idOf('createPayment', answers) }),
  refundPayment: (answers) => ({ id: idOf('createPayment', answers) }),
  readReservation: (answers) => ({ id: idOf('reserveStock', answers) }),
  confirmReservation: (answers) => ({ id: idOf('reserveStock', answers) }),
  changeAddress: (answers) => ({ id: idOf('addAddress', answers) }),
  removeAddress: (answers) => ({ id: idOf('addAddress', answers) }),
  giveBackPromo: (answers) => ({
    id: (answers.get('applyPromo') as { redemption_id: string }).redemption_id,
  }),
};

export type Ask = TestServer['request'];

const tokensSchema = z.object({ session_id: z.string(), refresh_token: z.string() });
const mailsSchema = z.object({ items: z.array(z.object({ token: z.string().nullable() })) });

const logIn = async (ask: Ask, email: string) => {
  const json = { email, password: 'correct horse battery staple' };
  return tokensSchema.parse((await ask('POST', '/sessions', { json })).body);
};

const mailedToken = async (ask: Ask, to: string) =>
  mailsSchema.parse((await ask('GET', `/dev/mails?to=${to}`)).body).items[0]?.token;

const withId = z.object({ id: z.string() });

const post = async (ask: Ask, path: string, json: object): Promise<string> => {
  const headers = { ...alice, 'Idempotency-Key': crypto.randomUUID() };
  return withId.parse((await ask('POST', path, { headers, json })).body).id;
};

const newOrder = async (ask: Ask): Promise<string> => {
  await ask('POST', '/carts/me/items', { headers: alice, json: { sku: 'ART-EASEL-TABLE', quantity: 1 } });
  return post(ask, '/checkout', {});
};

/** Tokens that come from other requests, to be used in place of those in the example of the body. */
export const bodiesFromRequests: Readonly<Record<string, (ask: Ask) => Promise<object>>> = {
  // The examples of the cart end with an empty one.
  checkOut: async (ask) => {
    await ask('POST', '/carts/me/items', { headers: alice, json: { sku: 'ICE-CONE-12', quantity: 1 } });
    return {};
  },
  createPayment: async (ask) => ({ order_id: await newOrder(ask) }),
  verifyAccount: async (ask) => ({ token: await mailedToken(ask, 'ada@example.com') }),
  confirmPasswordReset: async (ask) => ({ token: await mailedToken(ask, 'demo-bob@example.com') }),
  refreshSession: async (ask) => ({
    refresh_token: (await logIn(ask, 'demo-bob@example.com')).refresh_token,
  }),
};

/** Ids that come from other requests. */
export const idsFromRequests: Readonly<Record<string, (ask: Ask) => Promise<string>>> = {
  releaseReservation: async (ask) => {
    const headers = { ...operator, 'Idempotency-Key': 'to be released' };
    const json = { lines: [{ sku: 'ICE-VANILLA-500', quantity: 1 }] };
    return z.object({ id: z.string() }).parse((await ask('POST', '/reservations', { headers, json })).body)
      .id;
  },
  cancelPayment: async (ask) => post(ask, '/payments', { order_id: await newOrder(ask) }),
  endSession: async (ask) => (await logIn(ask, 'demo-alice@example.com')).session_id,
};
