import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createProductStore, type ProductRow } from '@lab/catalog-pagination';
import { createSeededRandom, type DatabaseEngine, eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { relistAll, relistStep } from '../src/categories/relisting.ts';
import { createCategoryTree } from '../src/index.ts';
import { listingFaults } from './listing-faults.ts';
import { openVariantsApp } from './variants-app.ts';

const PRODUCTS = 120;
const STEP = 7;
const KILLED = fileURLToPath(new URL('killed-move.ts', import.meta.url));

const productIn = (number: number, category_id: string): ProductRow => ({
  id: `id-${String((number * 7919) % 100_003).padStart(6, '0')}`,
  sku: `SKU-${number}`,
  name: 'Walnuts',
  category_id,
  currency: 'USD',
  price_minor: 100 + (number % 5),
  in_stock: 1,
  created_at: number,
});

eachDatabase((engine: DatabaseEngine) => {
  const open = async () => {
    const deps = await openVariantsApp(engine);
    const products = createProductStore(deps.db);
    const shelves = ['snacks.nuts', 'snacks.nuts.walnuts', 'snacks.nuts.cashews', 'snacks.sweet'];
    const rows = Array.from({ length: PRODUCTS }, (_, number) =>
      productIn(number, shelves[number % 4] ?? ''),
    );
    await products.addMissing(rows);
    const listedIn = async (category: string): Promise<ReadonlySet<string>> => {
      const page = await products.page({ sort: 'newest', currency: 'USD', category, count: PRODUCTS });
      return new Set(page.map(({ id }) => id));
    };
    const moved = rows.filter(({ category_id }) => category_id.startsWith('snacks.nuts'));
    return { ...deps, products, tree: createCategoryTree(deps.db), listedIn, moved, rows };
  };

  it('lists each product under its old parents or under its new ones after every step, and nothing else changes', async () => {
    const { db, tree, listedIn, moved } = await open();
    const common = [
      await listedIn('snacks'),
      await listedIn('snacks.nuts'),
      await listedIn('snacks.nuts.walnuts'),
    ];
    await tree.change('snacks.nuts', { parent: 'snacks.sweet' });
    let steps = 0;
    for (let ids = await relistStep(db, STEP); ids !== undefined; ids = await relistStep(db, STEP)) {
      steps += 1;
      const after = [
        await listedIn('snacks'),
        await listedIn('snacks.nuts'),
        await listedIn('snacks.nuts.walnuts'),
      ];
      expect(after).toEqual(common);
    }
    expect(steps).toBeGreaterThan(moved.length / STEP);
    expect(await listingFaults(db)).toEqual([]);

    await tree.change('snacks.nuts', { parent: 'drinks.hot' });
    let [left, arrived] = [moved.length, 0];
    while ((await relistStep(db, STEP)) !== undefined) {
      const [old, under, far] = [
        await listedIn('snacks'),
        await listedIn('drinks.hot'),
        await listedIn('drinks'),
      ];
      expect(moved.filter(({ id }) => Number(old.has(id)) + Number(under.has(id)) !== 1)).toEqual([]);
      expect(under).toEqual(far);
      expect(under.size).toBeGreaterThanOrEqual(arrived);
      [left, arrived] = [moved.length - under.size, under.size];
    }
    expect([left, arrived]).toEqual([0, moved.length]);
    expect(await listingFaults(db)).toEqual([]);
  }, 60_000);

  it('is finished after kills in the middle of it, by the steps that were left', async () => {
    const { db, url, tree, moved } = await open();
    await tree.change('snacks.nuts', { parent: 'drinks' });
    for (const steps of [0, 2, 5]) {
      const child = fork(KILLED, [url, String(steps), String(STEP)], { execArgv: [] });
      expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    }
    const faults = await listingFaults(db);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.length).toBeLessThan(2 * moved.length);
    await relistAll({ db });
    expect(await listingFaults(db)).toEqual([]);
    expect(await db.selectFrom('category_relistings').selectAll().execute()).toEqual([]);
  }, 60_000);

  it('composes with other moves and with writes to the products that are moving', async () => {
    const { db, tree, products, rows } = await open();
    const random = createSeededRandom(20_261_128);
    const parents = ['snacks', 'snacks.sweet', 'drinks', 'drinks.hot', null];
    const pick = <Item>(items: readonly Item[]): Item | undefined =>
      items[Math.floor(random() * items.length)];
    const move = () =>
      tree.change(pick(['snacks.nuts', 'snacks.nuts.walnuts']) ?? '', { parent: pick(parents) ?? null });
    const write = () => products.change(pick(rows)?.id ?? '', { price_minor: 1 + Math.floor(random() * 99) });
    const place = () => {
      const row = rows[Math.floor(random() * rows.length)];
      return row && products.upsert([{ ...row, category_id: pick(['snacks.nuts', 'drinks.cold']) ?? '' }]);
    };
    const step = () => relistStep(db, STEP);
    const work = async (kinds: readonly (() => Promise<unknown> | undefined)[]) => {
      for (let count = 0; count < 25; count += 1) await pick(kinds)?.();
    };
    await Promise.all([work([move]), work([write, place]), work([write, step]), work([step])]);
    await relistAll({ db });
    expect(await listingFaults(db)).toEqual([]);
  }, 60_000);
});
