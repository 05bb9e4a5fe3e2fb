import { defineProblem, ProblemError } from '@lab/shared/http';
import { eachDatabase, startApp } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { checkLedger, type PaidOrders } from '../src/index.ts';
import { newKey } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

const orderNotFound = defineProblem({
  code: 'order_not_found',
  status: 404,
  title: 'No order',
  explanation: 'No order has this id.',
});

/** Orders of 40.00 for the shopper 1, or of nothing. Late ones have expired when they are paid. */
const createOrders = () => {
  const told: string[] = [];
  const orders: PaidOrders = {
    problems: [orderNotFound],
    amountDue: async (_trx, orderId, userId) => {
      if (userId !== 1) throw new ProblemError(orderNotFound);
      const amount = orderId.startsWith('free') ? 0 : 4000;
      return { amount: orderId === 'late' ? 500 : amount, currency: 'USD' };
    },
    lock: async () => undefined,
    markPaid: async (_trx, orderId) => {
      told.push(`${orderId} paid`);
      return orderId.endsWith('late') ? 'refund' : 'paid';
    },
    markRefunded: async (_trx, orderId, { refunded, isWhole }) => {
      told.push(`${orderId} refunded ${refunded}${isWhole ? ', all of it' : ''}`);
    },
  };
  return { orders, told };
};

eachDatabase((engine) => {
  const open = async () => {
    const { orders, told } = createOrders();
    const slice = await openPayments(engine, { orders });
    const { request } = await startApp(slice.app);
    const post = (path: string, json: object, { user = '1', key = newKey() } = {}) =>
      request('POST', path, { headers: { 'X-User-Id': user, 'Idempotency-Key': key }, json });
    const pay = async (order: string): Promise<string> => {
      const made = await post('/payments', { order_id: order });
      const path = made.headers.get('location') ?? '';
      await post(`${path}/confirm`, { payment_method: 'pm_card_visa' });
      return path;
    };
    const refund = (path: string, json: object) =>
      request('POST', `${path}/refunds`, {
        headers: { 'X-Admin-Token': 'dev-admin-token', 'Idempotency-Key': newKey() },
        json,
      });
    return { ...slice, told, post, pay, refund };
  };

  it('charges what the order is due, and tells the order', async () => {
    const { post, pay, refund, told, db, small } = await open();
    expect((await post('/payments', { order_id: 'x' }, { user: '2' })).body).toMatchObject({
      code: 'order_not_found',
    });
    expect((await post('/payments', { order_id: 'x', amount: '1.00' })).status).toBe(400);
    const path = await pay('x');
    await refund(path, { amount: { amount: '15.00', currency: 'USD' } });
    await refund(path, {});
    expect(told).toEqual(['x paid', 'x refunded 1500', 'x refunded 4000, all of it']);
    expect(small.requests).toContain('POST /v1/payment_intents');
    const { captured } = await db.selectFrom('payments').select('captured').executeTakeFirstOrThrow();
    expect(captured).toBe(4000);
  });

  it('gives the money back by itself if the order cannot be paid any more', async () => {
    const { pay, told, reconciler, payments, db } = await open();
    await pay('late');
    await reconciler.settleDue();
    expect(told).toEqual(['late paid', 'late refunded 500, all of it']);
    expect(await payments.findLive(db, { userId: 1, reference: 'late' })).toMatchObject({
      status: 'succeeded',
      captured: 500,
      refunded: 500,
    });
  });

  it('lists money that the provider refuses to give back, until a refund of it has begun', async () => {
    const { pay, refund, small, reconciler, db } = await open();
    const path = await pay('late');
    small.setFaults({ refuse_refund: 100 });
    await reconciler.settleDue();
    const what = 'a refund has failed, and none has begun since';
    const { ok, unmatched } = await checkLedger(db);
    expect([ok, unmatched]).toEqual([false, [{ id: path.split('/').at(-1), what }]]);
    small.setFaults({});
    expect((await refund(path, {})).body).toMatchObject({ status: 'succeeded' });
    expect(await checkLedger(db)).toMatchObject({ ok: true, unmatched: [] });
  });

  it('keeps nothing of a success that the order could not take, and takes it later', async () => {
    const { orders, told } = createOrders();
    let isBroken = true;
    const slice = await openPayments(engine, {
      orders: {
        ...orders,
        markPaid: (...args) =>
          isBroken ? Promise.reject(new Error('the order is locked')) : orders.markPaid(...args),
      },
    });
    const { request } = await startApp(slice.app);
    const post = (path: string, json: object) =>
      request('POST', path, { headers: { 'X-User-Id': '1', 'Idempotency-Key': newKey() }, json });
    const path = (await post('/payments', { order_id: 'x' })).headers.get('location') ?? '';
    const answer = await post(`${path}/confirm`, { payment_method: 'pm_card_visa' });
    expect([answer.status, answer.body]).toMatchObject([202, { status: 'processing', captured: '0.00' }]);
    expect(await slice.db.selectFrom('payment_ledger').selectAll().execute()).toEqual([]);
    isBroken = false;
    slice.advance(60_000);
    await slice.reconciler.settleDue();
    expect(told).toEqual(['x paid']);
    expect(await slice.db.selectFrom('payment_ledger').selectAll().execute()).toHaveLength(2);
  });

  describe('an order that costs nothing', () => {
    it('is paid by the payment itself, without the provider, and has nothing to refund', async () => {
      const { post, refund, told, small, reconciler, audit, db } = await open();
      const key = newKey();
      const first = await post('/payments', { order_id: 'free' }, { key });
      expect([first.status, first.body]).toMatchObject([
        201,
        { status: 'succeeded', amount: '0.00', captured: '0.00', refunded: '0.00', provider_ref: null },
      ]);
      const again = await post('/payments', { order_id: 'free' }, { key });
      expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([
        ...[201, first.text, 'true'],
      ]);
      expect((await post('/payments', { order_id: 'free' })).body).toMatchObject({ code: 'payment_exists' });
      const path = first.headers.get('location') ?? '';
      const confirmed = await post(`${path}/confirm`, { payment_method: 'pm_card_visa' });
      expect([confirmed.status, confirmed.body]).toMatchObject([409, { code: 'payment_succeeded' }]);
      expect((await post(`${path}/cancel`, {})).body).toMatchObject({ code: 'payment_succeeded' });
      for (const json of [{}, { amount: { amount: '0.01', currency: 'USD' } }]) {
        const refused = await refund(path, json);
        expect([refused.status, refused.body]).toMatchObject([
          409,
          { code: 'refund_exceeds_captured', left: { amount: '0.00', currency: 'USD' } },
        ]);
      }
      expect(await reconciler.settleDue()).toBe(0);
      expect(small.requests).toEqual([]);
      expect(await audit(new Date(0), { quietMs: -86_400_000 })).toBe(0);
      expect(await checkLedger(db)).toEqual({ ok: true, entries: 0, sum: {}, unmatched: [] });
      expect(told).toEqual(['free paid']);
    });

    it('is paid once by several requests at once', async () => {
      const { post, told, registry } = await open();
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => post('/payments', { order_id: 'free' })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(7).fill(409)]);
      expect(told).toEqual(['free paid']);
      expect(await registry.metrics()).toContain('payments_total{outcome="succeeded"} 1');
    });

    it('has a canceled payment if it cannot be paid any more', async () => {
      const { post } = await open();
      const late = await post('/payments', { order_id: 'free and late' });
      expect([late.status, late.body]).toMatchObject([201, { status: 'canceled', captured: '0.00' }]);
    });

    it('has no payment if it could not take it', async () => {
      const { orders } = createOrders();
      const markPaid = () => Promise.reject(new Error('the order is locked'));
      const { app, db } = await openPayments(engine, { orders: { ...orders, markPaid } });
      const { request } = await startApp(app);
      const headers = { 'X-User-Id': '1', 'Idempotency-Key': newKey() };
      expect((await request('POST', '/payments', { headers, json: { order_id: 'free' } })).status).toBe(500);
      for (const table of ['payments', 'idempotency_keys'] as const)
        expect(await db.selectFrom(table).selectAll().execute()).toEqual([]);
    });
  });
});
