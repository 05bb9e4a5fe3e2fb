import { STRATEGIES, type StrategyName } from '@lab/inventory-reservation';
import { eachDatabase, onDatabase, onRedis } from '@lab/testing';
import { expect, it } from 'vitest';
import { storm } from './storm.ts';
import { readBooks } from './storm-books.ts';

// The full proof, with FULL_PROOF=1, takes several minutes.
const isFull = process.env.FULL_PROOF === '1';
const SIZE = isFull
  ? { buyers: 1000, inStock: 100, kills: 10, atOnce: 64 }
  : { buyers: 30, inStock: 6, kills: 1, atOnce: 15 };
const { buyers, inStock, kills } = SIZE;
const PRICE = 4800;

/** Every other buyer orders and goes away. An order waits as long as a payment with its repeats may take. */
const GONE = {
  ...SIZE,
  pays: (userId: number) => userId % 2 === 0,
  settings: { PAYMENT_WINDOW_MS: '2000', ORDER_SWEEP_INTERVAL_MS: '100' },
};

const PAID = `payment_confirmed: goods confirmed, paid ${PRICE}, charged ${PRICE}, 1 codes, 1 gifts`;
const EXPIRED = 'expired: goods released, paid 0, charged 0, 0 codes, 0 gifts';

/** The books when all is sold, to as many buyers as there were items, and everything else was given back. */
const allSold = {
  ...{ on_hand: 0, reserved: 0, codes: inStock, redemptions: inStock, gifts: inStock },
  ...{ charged: inStock * PRICE, orphans: 0, faults: [], ledger: { ok: true, sum: { USD: '0.00' } } },
};

const paid = Array.from({ length: inStock }, () => PAID);

const sells = (strategies: readonly StrategyName[], redisUrl?: string): void =>
  eachDatabase((engine) => {
    it.each(strategies)(
      `%s sells ${inStock} items to ${buyers} buyers: as many orders, reservations and charges, with up to ${kills} kills`,
      async (strategy) => {
        const { db, provider, surprises, killed, outcomes } = await storm(engine, {
          ...SIZE,
          strategy,
          redisUrl,
        });
        const { orders, totals } = await readBooks(db, provider);
        expect(surprises).toEqual([]);
        expect(orders).toEqual(paid);
        expect(totals).toEqual(allSold);
        expect(outcomes.filter((one) => one === 'bought')).toHaveLength(inStock);
        expect(killed).toBeGreaterThan(0);
        if (isFull) console.log(`${strategy}, ${engine.name}: ${orders.length} orders, ${killed} kills`);
      },
      900_000,
    );
  });

sells(isFull ? STRATEGIES.filter((name) => name !== 'redis') : ['conditional']);
if (isFull) await onRedis(({ url }) => sells(['redis'], url));

eachDatabase((engine) => {
  it('sells to others what is not paid in time: stock, orders, charges, codes and gifts agree', async () => {
    const { db, provider, surprises, outcomes } = await storm(engine, GONE);
    const { orders, totals } = await readBooks(db, provider);
    expect(surprises).toEqual([]);
    expect(orders.filter((order) => order !== EXPIRED)).toEqual(paid);
    expect(totals).toEqual(allSold);
    expect(outcomes.filter((one) => one === 'bought')).toHaveLength(inStock);
    expect(outcomes.filter((one) => one === 'left').length).toBeGreaterThan(0);
    const late = db.selectFrom('payments').select('id').where('refunded', '>', 0);
    const refunds = (await late.execute()).length;
    if (isFull)
      console.log(`${engine.name}: ${orders.length - inStock} orders expired, ${refunds} payments too late`);
  }, 900_000);
});

onDatabase('sqlite', (engine) => {
  it('(detector) sees that paid orders expire by a sweeper that does not look again', async () => {
    const launcher = new URL('hasty-expiry-server.ts', import.meta.url);
    const { db, provider } = await storm(engine, { ...GONE, launcher });
    const { orders } = await readBooks(db, provider);
    expect(orders.filter((order) => order !== EXPIRED && order !== PAID)).not.toEqual([]);
  }, 900_000);
});
