/** Buyers, two servers that are killed and started again, and a provider with every fault. */
import { setTimeout as wait } from 'node:timers/promises';
import { createCartStore } from '@lab/cart-pricing';
import type { StrategyName } from '@lab/inventory-reservation';
import { startSmallProvider } from '@lab/payment-intents';
import { createSeededRandom, type DatabaseEngine, startServerProcess } from '@lab/testing';
import type { Kysely } from 'kysely';
import { onTestFinished, vi } from 'vitest';
import { type DemoTables, openDemoDatabase, stockShop } from '../src/index.ts';
import { operator } from './demo-app.ts';
import { createBuyer } from './storm-buyer.ts';

export const SKU = 'ART-EASEL-TABLE';
export const CODE = 'STORM';
const SECRET = 'whsec_of_the_test';
const FAULTS = {
  ...{ slow: 20, delay_ms: 300, unavailable: 20, error_after: 20, cut_after: 20 },
  ...{ duplicate: 20, reorder: 20, lost: 20 },
};

export interface Storm {
  readonly buyers: number;
  readonly inStock: number;
  readonly kills: number;
  /** How many buyers are there at a time. */
  readonly atOnce: number;
  /** Whether this buyer pays (default: all do). */
  readonly pays?: (userId: number) => boolean;
  readonly strategy?: StrategyName;
  readonly redisUrl?: string | undefined;
  /** What is not as in a server by default. */
  readonly settings?: NodeJS.ProcessEnv;
  readonly launcher?: URL;
}

const openProvider = async () => {
  const provider = await startSmallProvider({
    databaseUrl: 'sqlite::memory:',
    webhookSecret: SECRET,
    random: createSeededRandom(1128),
  });
  onTestFinished(provider.close);
  return provider;
};

/** A shop with a promo code, and a cart for each buyer that has one of the product. */
const openShop = async (engine: DatabaseEngine, buyers: readonly number[]) => {
  const { url } = await engine.open();
  // The buyers keep this process busy, and what it asks of the database is no part of the proof.
  const db = await openDemoDatabase(url, { connectionTimeoutMs: 60_000 });
  onTestFinished(() => db.destroy());
  const deps = { now: () => new Date(), newId: () => crypto.randomUUID() };
  await stockShop(db, { SEED_PRODUCTS: 0, SEED_GIFTS: false, SEED_PROMO_CODES: false }, deps);
  // Many more redemptions than orders, so that one that is not given back shows at the end and not before.
  await db
    .insertInto('promo_codes')
    .values({
      ...{ code: CODE, kind: 'amount', amount_minor: 100, currency: 'USD', basis_points: null },
      ...{ minimum_minor: null, starts_at: null, ends_at: null, max_per_user: null },
      ...{ max_redemptions: 1_000_000, redeemed: 0 },
    })
    .execute();
  const cart = { version: 1, currency: 'USD', updated_at: 1 };
  await db
    .insertInto('carts')
    .values(buyers.map((user_id) => ({ ...cart, user_id })))
    .execute();
  const item = { sku: SKU, quantity: 1, created_at: 1 };
  await db
    .insertInto('cart_items')
    .values(buyers.map((user_id) => ({ ...item, user_id, id: `item-${user_id}` })))
    .execute();
  const carts = createCartStore(db, deps);
  const refill = (userId: number) => carts.add(userId, { sku: SKU, quantity: 1, currency: 'USD' });
  return { db, url, refill };
};

const launchPair = async (launcher: URL, env: NodeJS.ProcessEnv) => {
  const launch = () => startServerProcess(launcher, { env });
  const servers = await Promise.all([launch(), launch()]);
  const random = createSeededRandom(1128);
  return {
    random,
    anyUrl: () => servers[random() < 0.5 ? 0 : 1].url,
    first: servers[0].url,
    replace: async (index: 0 | 1) => {
      await servers[index].kill();
      servers[index] = await launch();
      return servers[index].url;
    },
    stop: () => Promise.all(servers.map((server) => server.kill())),
  };
};

const environment = (database: string, provider: string, { strategy, redisUrl, settings }: Storm) => ({
  ...{ DATABASE_URL: database, SEED_PRODUCTS: '0', SEED_GIFTS: 'off', SEED_PROMO_CODES: 'off' },
  ...{ GENERAL_BUCKET_CAPACITY: '1000000', GENERAL_REFILL_PER_SECOND: '1000000' },
  ...{ PROMO_BUCKET_CAPACITY: '1000000', PROMO_REFILL_PER_SECOND: '1000000', FREE_GIFT_THRESHOLD: '40.00' },
  ...{ PAYMENT_PROVIDER_URL: provider, PAYMENT_WEBHOOK_SECRETS: SECRET },
  ...{ PAYMENT_ATTEMPT_TIMEOUT_MS: '200', PAYMENT_DEADLINE_MS: '700', PAYMENT_CHECK_AFTER_MS: '700' },
  ...{ PAYMENT_RECONCILE_INTERVAL_MS: '100', PAYMENT_LEASE_MS: '800' },
  ...(strategy && { INVENTORY_STRATEGY: strategy }),
  ...(redisUrl && { REDIS_URL: redisUrl }),
  ...settings,
});

const putStock = (url: string, onHand: number) =>
  fetch(`${url}/stock/${SKU}`, {
    method: 'PUT',
    headers: { ...operator, 'Content-Type': 'application/json', 'Idempotency-Key': 'the-stock' },
    body: JSON.stringify({ on_hand: onHand }),
  });

/** Until no order waits for its payment, and no payment or refund for the provider. */
const settled = (db: Kysely<DemoTables>) =>
  vi.waitUntil(
    async () => {
      const open = [
        await db.selectFrom('orders').select('id').where('status', '=', 'pending').execute(),
        await db.selectFrom('payments').select('id').where('status', '=', 'processing').execute(),
        await db.selectFrom('payment_refunds').select('id').where('status', '=', 'pending').execute(),
      ];
      return open.flat().length === 0;
    },
    { timeout: 120_000, interval: 100 },
  );

/** Runs until all buyers are through and nothing is open any more. */
export const storm = async (engine: DatabaseEngine, options: Storm) => {
  const { buyers, inStock, kills, atOnce, pays = () => true } = options;
  const users = Array.from({ length: buyers }, (_, index) => index + 1);
  const { db, url, refill } = await openShop(engine, users);
  const provider = await openProvider();
  const launcher = options.launcher ?? new URL('../src/server.ts', import.meta.url);
  const servers = await launchPair(launcher, environment(url, provider.url, options));
  if (!(await putStock(servers.first, inStock)).ok) throw new Error('the stock was not set');
  provider.sendEventsTo(`${servers.first}/webhooks/payments`);
  provider.setFaults(FAULTS);
  const surprises: string[] = [];
  const onSurprise = (surprise: string) => surprises.push(surprise);
  const outcomes: string[] = [];
  const queue = users.values();
  const work = async (): Promise<void> => {
    for (const userId of queue) {
      const buyer = createBuyer(userId, { url: servers.anyUrl, sku: SKU, code: CODE, onSurprise, refill });
      outcomes.push(await buyer.buy(pays(userId)));
    }
  };
  const buying = Promise.all(Array.from({ length: atOnce }, work));
  let killed = 0;
  for (; killed < kills && outcomes.length < buyers; killed += 1) {
    await wait(200 + servers.random() * 1500);
    provider.sendEventsTo(`${await servers.replace(killed % 2 ? 1 : 0)}/webhooks/payments`);
  }
  await buying;
  await settled(db);
  await servers.stop();
  return { db, provider, surprises, killed, outcomes };
};
