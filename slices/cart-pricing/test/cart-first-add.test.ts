import { migrate } from '@lab/shared/database';
import { createSeededIds, onDatabase } from '@lab/testing';
import type { KyselyPlugin } from 'kysely';
import { expect, it } from 'vitest';
import { type CartTables, createCartStore } from '../src/cart-store.ts';
import { cartMigrations } from '../src/migrations.ts';

const ALICE = 1;
const CHIPS = { sku: 'SNACK-CHIPS', quantity: 1, currency: 'USD' };

/** Runs a step after each of the first `count` statements, before the next one. */
const between = (count: number, step: () => Promise<unknown>): KyselyPlugin => {
  let seen = 0;
  return {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      seen += 1;
      if (seen <= count) await step();
      return result;
    },
  };
};

onDatabase('postgres', (engine) => {
  it('loses no addition to a cart whose row another process creates between two statements', async () => {
    const { db } = await engine.open<CartTables>();
    await migrate(db, [cartMigrations]);
    const now = () => new Date('2026-11-24T12:00:00Z');
    const deps = { now, newId: createSeededIds(1, now) };
    const another = createCartStore(db, deps);
    // Once after the lock found no row, and again after the cart was read.
    const interrupted = db.withPlugin(between(2, () => another.add(ALICE, CHIPS)));
    await createCartStore(interrupted, deps).add(ALICE, CHIPS);
    expect(await another.read(ALICE)).toMatchObject({ version: 3, items: [{ quantity: 3 }] });
  });
});
