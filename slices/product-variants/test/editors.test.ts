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

eachDatabase((engine: DatabaseEngine) => {
  const open = async () => {
    const deps = await openVariantsApp(engine);
    const editor = createProductEditor(deps);
    /** The outcomes of each round: what both processes were told. */
    const race = async (left: readonly string[][], right: readonly string[][]) => {
      const racers = [left, right].map((work, index) => [deps.url, `editor-${index}`, JSON.stringify(work)]);
      const [first, second] = outcomes.parse(await raceProcesses(RACER, racers));
      return first.map((outcome, round) => [outcome, second[round] ?? ''].toSorted().join(' '));
    };
    return { ...deps, editor, race };
  };

  it('two processes that change, vary, create and delete the same products: one of each pair wins', async () => {
    const { editor, race, db } = await open();
    const details = [];
    for (const round of rounds) details.push(await editor.create(tee(`TEE-${round}`)));
    const known = details.map((each) => [each.row.id, etagOfDetail(each)]);

    const changes = known.map((each) => ['change', ...each]);
    expect(await race(changes, changes)).toEqual(rounds.map(() => 'done precondition_failed'));

    const current = [];
    for (const [id = ''] of known) {
      const detail = await editor.find(id);
      current.push([id, detail ? etagOfDetail(detail) : '']);
    }
    const mixed = [
      current.map((each) => ['vary', ...each]),
      current.map((each) => ['change', ...each]),
    ] as const;
    expect(await race(...mixed)).toEqual(rounds.map(() => 'done precondition_failed'));

    const creates = rounds.map((round) => ['create', `NEW-${round}`]);
    expect(await race(creates, creates)).toEqual(rounds.map(() => 'done sku_taken'));
    // The sku of one's variant is the sku of the other's product.
    const crossed = rounds.map((round) => ['create', `CROSS-${round}-X`]);
    const products = rounds.map((round) => ['create', `CROSS-${round}`]);
    expect(await race(crossed, products)).toEqual(rounds.map(() => 'done sku_taken'));

    const removals = known.map(([id = '']) => ['remove', id]);
    expect(await race(removals, removals)).toEqual(rounds.map(() => 'done product_not_found'));
    expect(await listingFaults(db)).toEqual([]);
  }, 120_000);

  it('two processes that move categories below each other never make a cycle', async () => {
    const { db, race } = await open();
    const tree = createCategoryTree(db);
    for (const round of rounds) {
      await tree.add({ id: `a${round}`, name: 'A', parent: null });
      await tree.add({ id: `b${round}`, name: 'B', parent: null });
    }
    const there = rounds.map((round) => ['move', `a${round}`, `b${round}`]);
    const back = rounds.map((round) => ['move', `b${round}`, `a${round}`]);
    expect(await race(there, back)).toEqual(rounds.map(() => 'category_cycle done'));
    const adds = rounds.map((round) => ['addCategory', `new${round}`]);
    expect(await race(adds, adds)).toEqual(rounds.map(() => 'category_exists done'));
  }, 120_000);

  it('a category that one process deletes while another fills it is either gone or has its product', async () => {
    const { db, race } = await open();
    const tree = createCategoryTree(db);
    for (const round of rounds) await tree.add({ id: `c${round}`, name: 'C', parent: 'snacks' });
    const fills = rounds.map((round) => ['createIn', `c${round}`]);
    const removals = rounds.map((round) => ['removeCategory', `c${round}`]);
    const results = await race(fills, removals);
    expect(
      results.filter((each) => !['category_not_empty done', 'done unknown_category'].includes(each)),
    ).toEqual([]);
    expect(await listingFaults(db)).toEqual([]);
  }, 120_000);
});
