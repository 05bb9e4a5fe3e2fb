import { transact } from '@lab/shared/database';
import { openRedis } from '@lab/shared/redis';
import { eachDatabase, onRedis } from '@lab/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Line } from '../src/index.ts';
import { checkStock, InsufficientStockError, STRATEGIES, UnknownSkuError } from '../src/index.ts';
import { openInventory } from './inventory-app.ts';

// One suite for every strategy, on both engines: whatever takes the goods, buyers see the same.

await onRedis(({ url }) => {
  const connect = async () => {
    const redis = openRedis(url, { timeoutMs: 5000 });
    onTestFinished(() => redis[Symbol.asyncDispose]());
    await vi.waitFor(() => expect(redis.isReady).toBe(true), 10_000);
    return redis;
  };

  describe.each(STRATEGIES)('%s', (strategy) => {
    eachDatabase((engine) => {
      const open = async () => {
        const redis = strategy === 'redis' ? { redis: await connect() } : {};
        const inventory = await openInventory(engine, { strategy, ...redis });
        const { db, reservations, stock } = inventory;
        const skus = Array.from({ length: 3 }, () => crypto.randomUUID()).toSorted();
        const [a = '', b = '', c = ''] = skus;
        await stock.create([
          { sku: a, quantity: 5 },
          { sku: b, quantity: 2 },
          { sku: c, quantity: 0 },
        ]);
        return {
          ...inventory,
          skus: { a, b, c },
          reserve: (...lines: Line[]) => transact(db, (trx) => reservations.reserve(trx, lines, 1000)),
          confirm: (id: string) => transact(db, (trx) => reservations.confirm(trx, id)),
          release: (id: string) => transact(db, (trx) => reservations.release(trx, id)),
          left: async () =>
            Promise.all(
              [a, b, c].map(async (sku) => {
                const row = await stock.find(sku);
                return row && [row.on_hand, row.reserved];
              }),
            ),
          expectSound: async () => expect((await checkStock(db)).faults).toEqual([]),
        };
      };

      it('holds all lines, adding up those of one sku, or none of them', async () => {
        const { skus, reserve, left, expectSound } = await open();
        await reserve(
          { sku: skus.b, quantity: 1 },
          { sku: skus.a, quantity: 2 },
          { sku: skus.a, quantity: 2 },
        );
        const tooMuch = reserve(
          { sku: skus.c, quantity: 1 },
          { sku: skus.b, quantity: 1 },
          { sku: skus.a, quantity: 3 },
        );
        await expect(tooMuch).rejects.toBeInstanceOf(InsufficientStockError);
        await expect(tooMuch).rejects.toMatchObject({
          shortages: [
            { sku: skus.a, wanted: 3, available: 1 },
            { sku: skus.c, wanted: 1, available: 0 },
          ],
        });
        expect(await left()).toEqual([
          [5, 4],
          [2, 1],
          [0, 0],
        ]);
        await expectSound();
      });

      it('names unknown skus, and holds nothing', async () => {
        const { skus, reserve, left } = await open();
        const unknown = reserve({ sku: skus.a, quantity: 1 }, { sku: 'nowhere', quantity: 1 });
        await expect(unknown).rejects.toBeInstanceOf(UnknownSkuError);
        await expect(unknown).rejects.toMatchObject({ skus: ['nowhere'] });
        expect((await left())[0]).toEqual([5, 0]);
      });

      it('ends once: what is confirmed leaves, what is released is there again', async () => {
        const { skus, reserve, confirm, release, left, expectSound } = await open();
        const { id: sold } = await reserve({ sku: skus.a, quantity: 2 });
        const { id: returned } = await reserve({ sku: skus.b, quantity: 2 });
        const endings = await Promise.all([
          confirm(sold),
          confirm(sold),
          release(returned),
          release(returned),
        ]);
        expect(endings.map((ending) => ending.ok && ending.isRepeat).toSorted()).toEqual([
          false,
          false,
          true,
          true,
        ]);
        expect(await release(sold)).toEqual({ ok: false, reason: 'confirmed' });
        expect(await confirm(returned)).toEqual({ ok: false, reason: 'released' });
        expect(await confirm('nobody')).toEqual({ ok: false, reason: 'not_found' });
        expect((await left()).slice(0, 2)).toEqual([
          [3, 0],
          [2, 0],
        ]);
        await expectSound();
      });

      it('blocks nobody from the moment it is overdue, although nothing was swept', async () => {
        const { skus, reserve, confirm, release, advance, left, expectSound } = await open();
        const { id } = await reserve({ sku: skus.a, quantity: 5 }, { sku: skus.b, quantity: 1 });
        advance(999);
        await expect(reserve({ sku: skus.a, quantity: 1 })).rejects.toBeInstanceOf(InsufficientStockError);
        advance(1);
        expect((await left())[0]).toEqual([5, 0]);
        expect(await confirm(id)).toEqual({ ok: false, reason: 'expired' });
        expect(await release(id)).toEqual({ ok: false, reason: 'expired' });
        await reserve({ sku: skus.a, quantity: 5 });
        await reserve({ sku: skus.b, quantity: 2 });
        expect(await left()).toEqual([
          [5, 5],
          [2, 2],
          [0, 0],
        ]);
        await expectSound();
      });

      it('gives the last items to as many buyers as there are items', async () => {
        const { skus, reserve, left, expectSound } = await open();
        const buyers = Array.from({ length: 40 }, () => reserve({ sku: skus.a, quantity: 1 }));
        const outcomes = await Promise.allSettled(buyers);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
        const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
        expect(errors.filter((error) => !(error instanceof InsufficientStockError))).toEqual([]);
        expect((await left())[0]).toEqual([5, 5]);
        await expectSound();
      });
    });
  });
});
