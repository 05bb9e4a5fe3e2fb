import { migrate } from '@lab/shared/database';
import { createCallers, createRouter, defineRoute, route } from '@lab/shared/http';
import { createFakeClock, createTestApp, type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createIdempotency, idempotencyMigrations, idempotent, oncePerKey } from '../src/index.ts';
import type { GiftGrantTables } from '../src/router.ts';
import { NOON } from './gift-app.ts';

const paid = z.strictObject({ order: z.string(), run: z.int() });
const declined = z.strictObject({ reason: z.string() });

/** A route of another slice, with shoppers as callers, a path parameter and two documented statuses. */
const payOrder = idempotent(
  defineRoute({
    method: 'POST',
    path: '/orders/:id/payments',
    name: 'payOrder',
    summary: 'Pay an order',
    tag: 'test',
    caller: 'shopper',
    params: z.strictObject({ id: z.string() }),
    headers: z.object({ 'x-channel': z.string().optional() }),
    body: z.strictObject({ card: z.string() }).meta({ id: 'Payment', example: { card: 'good' } }),
    responses: {
      201: { description: 'Paid', body: paid, headers: { Location: 'Path of the order' } },
      402: { description: 'Declined', body: declined },
    },
  }),
);

const callers = createCallers({ authTokens: new Map(), adminToken: 'unused-here', trustUserHeader: true });

const openPayments = async (engine: DatabaseEngine) => {
  const { db } = await engine.open<GiftGrantTables>();
  await migrate(db, [idempotencyMigrations]);
  const { now } = createFakeClock(NOON);
  const idempotency = createIdempotency({ now }, { ttlMs: 1000 });
  let runs = 0;
  const pay = route(payOrder).handle(
    oncePerKey(payOrder, { db, idempotency }, async (_trx, { params, body }) => {
      runs += 1;
      if (body.card === 'stolen') throw new Error('the card was stolen');
      return body.card === 'good'
        ? {
            status: 201,
            headers: { Location: `/orders/${params.id}` },
            body: { order: params.id, run: runs },
          }
        : { status: 402, body: { reason: `declined in run ${runs}` } };
    }),
  );
  const { request } = await startApp(createTestApp([createRouter([pay], { callers })]));
  const send = (order: string, json: unknown, user = '1') =>
    request('POST', `/orders/${order}/payments`, {
      headers: { 'X-User-Id': user, 'Idempotency-Key': 'k' },
      json,
    });
  return { send };
};

eachDatabase((engine) => {
  it('replays each documented status, including returned refusals', async () => {
    const { send } = await openPayments(engine);
    for (const [card, status, user] of [
      ['good', 201, '1'],
      ['empty', 402, '2'],
    ] as const) {
      const first = await send('a', { card }, user);
      const repeat = await send('a', { card }, user);
      expect([first.status, repeat.status, repeat.text]).toEqual([status, status, first.text]);
      expect(repeat.headers.get('location')).toBe(first.headers.get('location'));
      const replayed = [first, repeat].map(({ headers }) => headers.get('idempotent-replayed'));
      expect(replayed).toEqual([null, 'true']);
    }
  });

  it('refuses the key for the same body with another path parameter', async () => {
    const { send } = await openPayments(engine);
    expect((await send('a', { card: 'good' })).status).toBe(201);
    expect((await send('b', { card: 'good' })).body).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('separates the keys of two callers', async () => {
    const { send } = await openPayments(engine);
    expect((await send('a', { card: 'good' }, '1')).body).toMatchObject({ run: 1 });
    expect((await send('b', { card: 'good' }, '2')).body).toMatchObject({ order: 'b', run: 2 });
  });

  it('leaves the key free when the work throws', async () => {
    const { send } = await openPayments(engine);
    expect((await send('a', { card: 'stolen' })).status).toBe(500);
    expect((await send('a', { card: 'good' })).body).toMatchObject({ run: 2 });
  });
});

it('adds to a contract what clients must know about keys, and no key in the body by default', () => {
  expect(Object.keys(payOrder.headers.shape)).toEqual(['x-channel', 'idempotency-key']);
  expect(Object.keys(payOrder.body.shape)).toEqual(['card']);
  expect(Object.keys(payOrder.responses[201].headers)).toEqual(['Location', 'Idempotent-Replayed']);
  expect(payOrder.responses[402]).toMatchObject({ headers: { 'Idempotent-Replayed': expect.any(String) } });
  expect(payOrder.problems.map(({ code }) => code)).toEqual([
    'idempotency_key_required',
    'idempotency_key_ambiguous',
    'idempotency_key_reused',
    'idempotency_key_in_use',
  ]);
});

it('adds the key to the body on request, and keeps the id and the example of the body', () => {
  const { body } = idempotent(
    defineRoute({
      method: 'POST',
      path: '/x',
      name: 'x',
      summary: 'x',
      tag: 'test',
      body: z.strictObject({ card: z.string() }).meta({ id: 'KeyedPayment', example: { card: 'good' } }),
      responses: { 204: { description: 'Done' } },
    }),
    { keyInBody: true },
  );
  expect(Object.keys(body.shape)).toEqual(['card', 'idempotency_key']);
  expect(body.meta()).toEqual({ id: 'KeyedPayment', example: { card: 'good' } });
});
