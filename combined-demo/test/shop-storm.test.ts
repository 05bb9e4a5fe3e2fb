import { setTimeout as wait } from 'node:timers/promises';
import { checkStock } from '@lab/inventory-reservation';
import { checkLedger, startSmallProvider } from '@lab/payment-intents';
import { createSeededRandom, type DatabaseEngine, eachDatabase, startServerProcess } from '@lab/testing';
import type { Kysely } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type DemoTables, openDemoDatabase, stockShop } from '../src/index.ts';
import { operator } from './demo-app.ts';
import { createBuyer } from './storm-buyer.ts';

const SERVER = new URL('../src/server.ts', import.meta.url);
// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const BUYERS = isFull ? 1000 : 30;
const STOCK = isFull ? 100 : 6;
const KILLS = isFull ? 10 : 1;
const AT_ONCE = isFull ? 64 : 15;
const SKU = 'ART-EASEL-TABLE';
const PRICE_MINOR = 4900;
const SECRET = 'whsec_of_the_test';
const FAULTS = {
  ...{ slow: 20, delay_ms: 300, unavailable: 20, error_after: 20, cut_after: 20 },
  ...{ duplicate: 20, reorder: 20, lost: 20 },
};

const openProvider = async () => {
  const provider = await startSmallProvider({
    databaseUrl: 'sqlite::memory:',
    webhookSecret: SECRET,
    random: createSeededRandom(1128),
  });
  onTestFinished(provider.close);
  return provider;
};

/** A shop, with a cart for each buyer that has one of the product. */
const openShop = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  const db = await openDemoDatabase(url, {});
  onTestFinished(() => db.destroy());
  const now = () => new Date();
  await stockShop(db, { SEED_PRODUCTS: 0, SEED_GIFTS: false, SEED_PROMO_CODES: false }, { now });
  const users = Array.from({ length: BUYERS }, (_, index) => index + 1);
  await db
    .insertInto('carts')
    .values(users.map((user_id) => ({ user_id, version: 1, currency: 'USD', updated_at: 1 })))
    .execute();
  for (const user_id of users)
    await db
      .insertInto('cart_items')
      .values({ user_id, id: `item-${user_id}`, sku: SKU, quantity: 1, created_at: 1 })
      .execute();
  return { db, url, users };
};

/** What the provider has charged, by payment, in the smallest unit. */
const chargesAt = async ({ db }: Awaited<ReturnType<typeof openProvider>>) => {
  const intent = z.looseObject({ amount_received: z.number(), metadata: z.record(z.string(), z.string()) });
  const rows = await db.selectFrom('provider_intents').select('body').execute();
  return rows
    .map(({ body }) => intent.parse(JSON.parse(body)))
    .filter((one) => one.amount_received > 0)
    .map((one) => `${one.metadata.payment_id} ${one.amount_received}`)
    .toSorted();
};

/** Two servers that are killed and started again, until all buyers are through. */
const storm = async (engine: DatabaseEngine) => {
  const { db, url, users } = await openShop(engine);
  const provider = await openProvider();
  const env = {
    ...{ DATABASE_URL: url, SEED_PRODUCTS: '0', SEED_GIFTS: 'off', SEED_PROMO_CODES: 'off' },
    ...{ GENERAL_BUCKET_CAPACITY: '1000000', GENERAL_REFILL_PER_SECOND: '1000000' },
    ...{ PAYMENT_PROVIDER_URL: provider.url, PAYMENT_WEBHOOK_SECRETS: SECRET },
    ...{ PAYMENT_ATTEMPT_TIMEOUT_MS: '200', PAYMENT_DEADLINE_MS: '700', PAYMENT_CHECK_AFTER_MS: '700' },
    ...{ PAYMENT_RECONCILE_INTERVAL_MS: '100', PAYMENT_LEASE_MS: '800' },
  };
  const launch = () => startServerProcess(SERVER, { env });
  const servers = await Promise.all([launch(), launch()]);
  const stocked = await fetch(`${servers[0]?.url}/stock/${SKU}`, {
    method: 'PUT',
    headers: { ...operator, 'Content-Type': 'application/json', 'Idempotency-Key': 'the-stock' },
    body: JSON.stringify({ on_hand: STOCK }),
  });
  expect(stocked.status).toBe(200);
  provider.sendEventsTo(`${servers[0]?.url}/webhooks/payments`);
  provider.setFaults(FAULTS);
  const random = createSeededRandom(1128);
  const surprises: string[] = [];
  const buyers = users.map((userId) =>
    createBuyer(userId, {
      url: () => servers[random() < 0.5 ? 0 : 1]?.url ?? '',
      onSurprise: (surprise) => surprises.push(surprise),
    }),
  );
  let through = 0;
  const bought: unknown[] = [];
  const queue = buyers.values();
  const work = async (): Promise<void> => {
    for (const buyer of queue) {
      bought.push(await buyer.buy());
      through += 1;
    }
  };
  const buying = Promise.all(Array.from({ length: AT_ONCE }, work));
  let killed = 0;
  for (; killed < KILLS && through < BUYERS; killed += 1) {
    await wait(200 + random() * 1500);
    const victim = killed % 2;
    await servers[victim]?.kill();
    servers[victim] = await launch();
    provider.sendEventsTo(`${servers[victim].url}/webhooks/payments`);
  }
  await buying;
  await Promise.all(servers.map((server) => server.kill()));
  return { db, provider, surprises, killed, orders: bought.filter((one) => one !== 'sold out') };
};

const countIn = async (db: Kysely<DemoTables>, table: 'orders' | 'reservations' | 'payments') =>
  (await db.selectFrom(table).select('status').execute()).map(({ status }) => status);

const each = (status: string): string[] => Array.from({ length: STOCK }, () => status);

eachDatabase((engine) => {
  it(`sells ${STOCK} items to ${BUYERS} buyers: as many orders, reservations and charges, with ${KILLS} kills`, async () => {
    const { db, provider, surprises, killed, orders } = await storm(engine);
    expect(surprises).toEqual([]);
    expect(orders).toHaveLength(STOCK);
    expect(await countIn(db, 'orders')).toEqual(each('payment_confirmed'));
    expect(await countIn(db, 'reservations')).toEqual(each('confirmed'));
    const payments = await db.selectFrom('payments').select(['id', 'captured', 'refunded']).execute();
    expect(payments.map(({ captured, refunded }) => [captured, refunded])).toEqual(
      Array.from({ length: STOCK }, () => [PRICE_MINOR, 0]),
    );
    expect(await chargesAt(provider)).toEqual(payments.map(({ id }) => `${id} ${PRICE_MINOR}`).toSorted());
    expect((await checkStock(db)).faults).toEqual([]);
    expect(await checkLedger(db)).toMatchObject({ ok: true, entries: 2 * STOCK, sum: { USD: '0.00' } });
    expect(killed).toBeGreaterThan(0);
    if (isFull) console.log(`${engine.name}: ${orders.length} orders of ${BUYERS} buyers, ${killed} kills`);
  }, 900_000);
});
