import { type DatabaseEngine, eachDatabase, onDatabase, onRedis, raceProcesses } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkStock, type Line, STRATEGIES } from '../src/index.ts';
import { openInventory } from './inventory-app.ts';

const ROUNDS = process.env.FULL_PROOF === '1' ? 50 : 1;
const RACER = new URL('reservation-racer.ts', import.meta.url);

await onRedis((redis) => {
  /** Two processes put these carts through at once; resolves with what became of each, and the stock afterwards. */
  const race = async (
    engine: DatabaseEngine,
    strategy: string,
    { stock, carts }: { readonly stock: readonly Line[]; readonly carts: readonly (readonly Line[])[] },
  ) => {
    const inventory = await openInventory(engine);
    await inventory.stock.create(stock);
    const prefix = redis.newPrefix();
    const half = Math.ceil(carts.length / 2);
    const racers = [carts.slice(0, half), carts.slice(half)].map((part) => [
      inventory.url,
      strategy,
      redis.url,
      prefix,
      JSON.stringify({ carts: part, hold: 900_000 }),
    ]);
    const outcomes = (await raceProcesses(RACER, racers)).flatMap((sent) => z.array(z.string()).parse(sent));
    const { faults } = await checkStock(inventory.db);
    const rows = await Promise.all(stock.map(({ sku }) => inventory.stock.find(sku)));
    return { held: outcomes.filter((one) => one === 'held').length, outcomes, faults, rows };
  };

  const others = (outcomes: readonly string[]) => outcomes.filter((one) => one !== 'held' && one !== 'short');

  describe.each(STRATEGIES)('%s, in two processes', (strategy) => {
    eachDatabase((engine) => {
      it(`sells the last items once each, and lets no deadlock through, ${ROUNDS} rounds`, async () => {
        const skus = ['A', 'B', 'C', 'D'];
        for (let round = 0; round < ROUNDS; round += 1) {
          const last = 1 + (round % 3);
          // Every other cart names the same skus in the opposite order.
          const mixed = Array.from({ length: 40 }, (_, index) => {
            const lines = skus.map((sku) => ({ sku, quantity: 1 }));
            return index % 2 === 0 ? lines : lines.toReversed();
          });
          const hot = Array.from({ length: 50 }, () => [{ sku: 'HOT', quantity: 1 }]);
          const carts = hot.flatMap((cart, index) => [cart, ...mixed.slice(index, index + 1)]);
          const stock = [{ sku: 'HOT', quantity: last }, ...skus.map((sku) => ({ sku, quantity: 20 }))];
          const sold = await race(engine, strategy, { stock, carts });
          expect(others(sold.outcomes)).toEqual([]);
          expect(sold.held).toBe(last + 20);
          expect(sold.rows.map((row) => row?.reserved)).toEqual([last, 20, 20, 20, 20]);
          expect(sold.faults).toEqual([]);
        }
      }, 1_200_000);
    });
  });

  onDatabase('postgres', (engine) => {
    it('(detector) sees that check-then-act sells more than there is', async () => {
      let faults = 0;
      for (let round = 0; round < 20 && faults === 0; round += 1) {
        const carts = Array.from({ length: 50 }, () => [{ sku: 'HOT', quantity: 1 }]);
        const sold = await race(engine, 'planted', { stock: [{ sku: 'HOT', quantity: 5 }], carts });
        faults = sold.faults.length + Math.max(0, sold.held - 5);
      }
      expect(faults).toBeGreaterThan(0);
    });
  });
});
