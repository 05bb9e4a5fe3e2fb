import { type DatabaseEngine, eachDatabase, raceProcesses } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { etagOfDetail } from '../src/editing/product-contract.ts';
import { createCategoryTree, createProductEditor } from '../src/index.ts';
import { listingFaults } from './listing-faults.ts';
import { openVariantsApp, tee } from './variants-app.ts';

const ROUNDS = process.env.FULL_PROOF === '1' ? 25 : 6;
const RACER = new URL('editing-racer.ts', import.meta.url);
const outcomes = z.tuple([z.array(z.string()), z.array(z.string())]);

const rounds = Array.from({ length: ROUNDS }, (_, index) => index);

type Pair = readonly [left: readonly string[], right: readonly string[]];

eachDatabase((engine: DatabaseEngine) => {
  const open = async () => {
    const deps = await openVariantsApp(engine);
    const editor = createProductEditor(deps);
    /** What both processes were told of each pair, which they come to at about the same time. */
    const race = async (pairs: readonly Pair[]) => {
      const works = [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
      const racers = works.map((work, index) => [deps.url, `editor-${index}`, JSON.stringify(work)]);
      const [first, second] = outcomes.parse(await raceProcesses(RACER, racers));
      return first.map((outcome, index) => [outcome, second[index] ?? ''].toSorted().join(' '));
    };
    const made = async (sku: string) => {
      const detail = await editor.create(tee(sku));
      return [detail.row.id, etagOfDetail(detail)] as const;
    };
    return { ...deps, race, made };
  };

  it('two processes that change, vary, create and delete the same products: one of each pair wins', async () => {
    const { race, made, db } = await open();
    const pairs: Pair[] = [];
    for (const round of rounds) {
      const [changed, varied] = [await made(`TEE-${round}`), await made(`VARIED-${round}`)];
      const [removed] = await made(`REMOVED-${round}`);
      pairs.push(
        [
          ['change', ...changed],
          ['change', ...changed],
        ],
        [
          ['vary', ...varied],
          ['change', ...varied],
        ],
        [
          ['create', `NEW-${round}`],
          ['create', `NEW-${round}`],
        ],
        // The sku of one's variant is the sku of the other's product.
        [
          ['create', `CROSS-${round}-X`],
          ['create', `CROSS-${round}`],
        ],
        [
          ['remove', removed],
          ['remove', removed],
        ],
      );
    }
    const stale = 'done precondition_failed';
    const expected = [stale, stale, 'done sku_taken', 'done sku_taken', 'done product_not_found'];
    expect(await race(pairs)).toEqual(rounds.flatMap(() => expected));
    expect(await listingFaults(db)).toEqual([]);
  }, 120_000);

  it('two processes that change the tree make no cycle, and a category that is filled while it is deleted stays or refuses', async () => {
    const { db, race } = await open();
    const tree = createCategoryTree(db);
    const pairs: Pair[] = [];
    for (const round of rounds) {
      for (const id of [`a${round}`, `b${round}`, `c${round}`])
        await tree.add({ id, name: 'Shelf', parent: null });
      pairs.push(
        [
          ['move', `a${round}`, `b${round}`],
          ['move', `b${round}`, `a${round}`],
        ],
        [
          ['addCategory', `new${round}`],
          ['addCategory', `new${round}`],
        ],
        [
          ['createIn', `c${round}`],
          ['removeCategory', `c${round}`],
        ],
      );
    }
    const told = (await race(pairs)).map((each) =>
      each === 'category_not_empty done' || each === 'done unknown_category' ? 'filled or gone' : each,
    );
    const expected = ['category_cycle done', 'category_exists done', 'filled or gone'];
    expect(told).toEqual(rounds.flatMap(() => expected));
    expect(await listingFaults(db)).toEqual([]);
  }, 120_000);
});
