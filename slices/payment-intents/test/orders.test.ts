import { defineProblem, ProblemError } from '@lab/shared/http';
import { eachDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import type { PaidOrders } from '../src/index.ts';
import { newKey } from './payment-client.ts';
import { openPayments } from './payments-app.ts';

const orderNotFound = defineProblem({
  code: 'order_not_found',
  status: 404,
  title: 'No order',
  explanation: 'No order has this id.',
});

/** Orders of 40.00 for the shopper 1. One of them has expired when it is paid. */
const createOrders = () => {
  const told: string[] = [];
  const orders: PaidOrders = {
    problems: [orderNotFound],
    amountDue: async (_trx, orderId, userId) => {
      if (userId !== 1) throw new ProblemError(orderNotFound);
      return { amount: orderId === 'late' ? 500 : 4000, currency: 'USD' };
    },
    lock: async () => undefined,
    markPaid: async (_trx, orderId) => {
      told.push(`${orderId} paid`);
      return orderId === 'late' ? 'refund' : 'paid';
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
    const post = (path: string, json: object, user = '1') =>
      request('POST', path, { headers: { 'X-User-Id': user, 'Idempotency-Key': newKey() }, json });
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
    const { post, pay, refund, told, db } = await open();
    expect((await post('/payments', { order_id: 'x' }, '2')).body).toMatchObject({ code: 'order_not_found' });
    expect((await post('/payments', { order_id: 'x', amount: '1.00' })).status).toBe(400);
    const path = await pay('x');
    await refund(path, { amount: { amount: '15.00', currency: 'USD' } });
    await refund(path, {});
    expect(told).toEqual(['x paid', 'x refunded 1500', 'x refunded 4000, all of it']);
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
});
