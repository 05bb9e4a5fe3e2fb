import { eachDatabase } from '@lab/testing';
import fc from 'fast-check';
import { it } from 'vitest';
import { CODES, commands, openModelled, STOCK } from './order-commands.ts';
import type { Model } from './order-model.ts';

const isFull = process.env.FULL_PROOF === '1';

eachDatabase((engine) => {
  // Each run is on a new database, which takes Postgres longer.
  const runs = isFull ? 200 : engine.name === 'sqlite' ? 6 : 2;
  it(`agrees with a model of two shoppers and staff, in ${runs} runs of up to 60 commands`, async () => {
    const property = fc.asyncProperty(commands, async (run) => {
      const real = await openModelled(engine);
      const model: Model = {
        orders: [],
        carts: new Map(),
        onHand: STOCK,
        codesLeft: CODES,
        nowMs: real.now().getTime(),
      };
      await fc.asyncModelRun(() => ({ model, real }), run);
    });
    await fc.assert(property, { numRuns: runs, seed: 4217, endOnFailure: !isFull });
  }, 1_200_000);
});
