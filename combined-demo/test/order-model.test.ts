import { setTimeout as wait } from 'node:timers/promises';
import { checkStock } from '@lab/inventory-reservation';
import {
  agreesWithOrderModel,
  type DatabaseEngine,
  eachDatabase,
  type ModelledShop,
  modelled,
  onDatabase,
  startApp,
} from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { DemoTables } from '../src/index.ts';
import { alice, bob, openDemo, operator } from './demo-app.ts';

const isFull = process.env.FULL_PROOF === '1';
const RUNS = isFull ? 120 : 3;
const { sku, stock, codes } = modelled;

const settings = {
  ...{ PAYMENT_WINDOW_MS: String(modelled.windowMs), ORDER_SWEEP_INTERVAL_MS: '5' },
  ...{ FREE_GIFT_THRESHOLD: '25.00', PROMO_BUCKET_CAPACITY: '1000000' },
};

const lastNumber = async (db: Kysely<DemoTables>): Promise<number> => {
  const last = db.selectFrom('orders').select('number').orderBy('number', 'desc').limit(1);
  return (await last.executeTakeFirst())?.number ?? 0;
};

/** What the database has of orders with higher numbers, and of this code. */
const read = async (db: Kysely<DemoTables>, { after, code }: { after: number; code: string }) => {
  const events = db
    .selectFrom('order_events')
    .innerJoin('orders', 'orders.id', 'order_events.order_id')
    .select('order_id')
    .where('number', '>', after);
  const row = db.selectFrom('stock').select(['on_hand', 'reserved']).where('sku', '=', sku);
  const { redeemed } = await db
    .selectFrom('promo_codes')
    .select('redeemed')
    .where('code', '=', code)
    .executeTakeFirstOrThrow();
  const orders = db.selectFrom('orders').select(['id', 'status']).where('number', '>', after);
  const gifts = await db.selectFrom('gifts').select('id').execute();
  return {
    orders: await orders.orderBy('number').execute(),
    events: (await events.execute()).map(({ order_id }) => order_id),
    stock: await row.executeTakeFirstOrThrow(),
    codesLeft: codes - redeemed,
    gifts: gifts.map(({ id }) => id),
    faults: (await checkStock(db)).faults,
  };
};

/** Waits for the sweeper of the demo. */
const swept = async (db: Kysely<DemoTables>): Promise<void> => {
  const overdue = () =>
    db
      .selectFrom('orders')
      .select('id')
      .where('status', '=', 'pending')
      .where('expires_at', '<=', Date.now())
      .execute();
  while ((await overdue()).length > 0) await wait(2);
};

/** One demo for all runs: each starts with empty carts, no open orders, a code of its own, and the same stock. */
const openShops = async (engine: DatabaseEngine, planted: NodeJS.ProcessEnv = {}) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { url } = await engine.open();
  const { db, app } = await openDemo(url, { ...settings, ...planted });
  const { request } = await startApp(app);
  const sweep = () => swept(db);
  const advance = async (ms: number) => vi.setSystemTime(Date.now() + ms);
  let run = 0;
  return async (): Promise<ModelledShop> => {
    run += 1;
    const code = `RUN-${run}`;
    await advance(modelled.windowMs);
    await sweep();
    await db.deleteFrom('cart_items').execute();
    await db.updateTable('carts').set({ currency: null }).execute();
    await db.deleteFrom('gifts').execute();
    const amount = { code, kind: 'amount', amount_minor: 100, currency: 'USD', basis_points: null } as const;
    const limits = { minimum_minor: null, starts_at: null, ends_at: null, max_per_user: null };
    const values = { ...amount, ...limits, max_redemptions: codes, redeemed: 0 };
    await db.insertInto('promo_codes').values(values).execute();
    const headers = { ...operator, 'Idempotency-Key': code };
    await request('PUT', `/stock/${sku}`, { headers, json: { on_hand: stock } });
    const after = await lastNumber(db);
    return {
      ...{ request, advance, sweep, operator, code, latestSweepMs: 0 },
      shoppers: [alice, bob],
      codeIsGone: 'promo_exhausted',
      now: () => new Date(),
      read: () => read(db, { after, code }),
    };
  };
};

eachDatabase((engine) => {
  it(`agrees with a model of orders, codes and gifts, in ${RUNS} runs of up to 60 commands`, async () => {
    await agreesWithOrderModel(await openShops(engine), { runs: RUNS, shrinks: isFull });
  }, 1_200_000);
});

onDatabase('sqlite', (engine) => {
  it.each([
    ['gifts that are missing', { FREE_GIFT_THRESHOLD: '30.00' }],
    ['orders that expire too early', { PAYMENT_WINDOW_MS: String(modelled.windowMs / 2) }],
  ])('(detector) sees %s', async (_what, planted) => {
    const open = await openShops(engine, planted);
    await expect(agreesWithOrderModel(open, { runs: 20, shrinks: false })).rejects.toThrow('Property failed');
  });
});
