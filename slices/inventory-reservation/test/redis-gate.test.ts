import { transact } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createReservations, InsufficientStockError, strategyOf } from '../src/index.ts';
import { openInventory } from './inventory-app.ts';

// A gate whose answers are wrong in every way: the database still decides, so nothing changes for the buyers.
const answers = fc.infiniteStream(fc.constantFrom(1, 0, -1, 'nonsense', null, new Error('Redis is gone')));

eachDatabase((engine) => {
  it('never sells too much nor refuses what is there, whatever the gate answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        answers,
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 12 }),
        async (stream, wishes) => {
          const { db, stock, now } = await openInventory(engine);
          await stock.create([{ sku: 'TEA', quantity: 9 }]);
          const gate = {
            evaluate: async () => {
              const { value } = stream.next();
              if (value instanceof Error) throw value;
              return value;
            },
          };
          const reservations = createReservations({
            strategy: strategyOf('redis', { gate }),
            now,
            newId: () => crypto.randomUUID(),
          });
          let left = 9;
          for (const quantity of wishes) {
            const outcome = await transact(db, (trx) =>
              reservations.reserve(trx, [{ sku: 'TEA', quantity }], 60_000),
            ).catch((error: unknown) => error);
            expect(outcome instanceof InsufficientStockError).toBe(quantity > left);
            if (quantity <= left) left -= quantity;
          }
        },
      ),
      { numRuns: engine.name === 'sqlite' ? 30 : 5 },
    );
  }, 120_000);
});
