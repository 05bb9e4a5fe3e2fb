import { transact } from '@lab/shared/database';
import { createSeededRandom, onDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { checkStock, InsufficientStockError } from '../src/index.ts';
import { openInventory } from './inventory-app.ts';

const STEPS = process.env.FULL_PROOF === '1' ? 10_000 : 1000;
const SKUS = ['A', 'B', 'C'];

interface Held {
  readonly id: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly expiresAt: number;
}

onDatabase('sqlite', (engine) => {
  it(`agrees with a model over ${STEPS} random steps`, async () => {
    const { db, stock, reservations, now, advance } = await openInventory(engine);
    const random = createSeededRandom(4217);
    const below = (limit: number) => Math.floor(random() * limit);
    const onHand = new Map(SKUS.map((sku) => [sku, 10]));
    await stock.create(SKUS.map((sku) => ({ sku, quantity: 10 })));
    let held: Held[] = [];
    const alive = () => held.filter(({ expiresAt }) => expiresAt > now().getTime());
    const reservedOf = (sku: string) =>
      alive()
        .flatMap(({ lines }) => lines)
        .reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);

    const reserve = async () => {
      const lines = SKUS.filter(() => random() < 0.6).map((sku) => ({ sku, quantity: 1 + below(4) }));
      if (lines.length === 0) return;
      const fits = lines.every(({ sku, quantity }) => (onHand.get(sku) ?? 0) - reservedOf(sku) >= quantity);
      const ttlMs = 1 + below(50);
      try {
        const { id } = await transact(db, (trx) => reservations.reserve(trx, lines, ttlMs));
        expect(fits).toBe(true);
        held.push({ id, lines, expiresAt: now().getTime() + ttlMs });
      } catch (error) {
        if (!(error instanceof InsufficientStockError)) throw error;
        expect(fits).toBe(false);
      }
    };

    const end = async (how: 'confirm' | 'release') => {
      const one = held[below(held.length)];
      if (one === undefined) return;
      const ending = await transact(db, (trx) => reservations[how](trx, one.id));
      expect(ending.ok).toBe(alive().includes(one));
      if (how === 'confirm' && ending.ok)
        for (const { sku, quantity } of one.lines) onHand.set(sku, (onHand.get(sku) ?? 0) - quantity);
      held = held.filter((other) => other !== one);
    };

    const restock = async () => {
      const sku = SKUS[below(SKUS.length)] ?? '';
      const wanted = below(12);
      const edit = await stock.set(sku, wanted);
      expect(edit.ok).toBe(wanted >= reservedOf(sku));
      if (edit.ok) onHand.set(sku, wanted);
    };

    const steps = [
      reserve,
      reserve,
      () => end('confirm'),
      () => end('release'),
      restock,
      async () => advance(below(20)),
      () => transact(db, (trx) => reservations.expire(trx)),
    ];
    for (let step = 0; step < STEPS; step += 1) {
      await steps[below(steps.length)]?.();
      for (const sku of SKUS)
        expect(await stock.find(sku)).toMatchObject({ on_hand: onHand.get(sku), reserved: reservedOf(sku) });
    }
    expect((await checkStock(db)).faults).toEqual([]);
  }, 600_000);
});
