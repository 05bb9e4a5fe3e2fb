import fc from 'fast-check';
import { type ModelledShop, modelled } from './modelled-shop.ts';
import { commands } from './order-commands.ts';

interface Options {
  readonly runs: number;
  /** Whether to look for a shorter counterexample. */
  readonly shrinks: boolean;
}

/**
 * Runs random commands of two shoppers and staff over HTTP, some at the same time, and compares the shop with a model
 * after each one: states, stock, promo code, gifts and events. Each run has up to 60 commands on a newly opened shop.
 */
export const agreesWithOrderModel = (open: () => Promise<ModelledShop>, { runs, shrinks }: Options) => {
  const property = fc.asyncProperty(commands, async (run) => {
    const real = await open();
    const model = { orders: [], carts: new Map(), onHand: modelled.stock, codesLeft: modelled.codes };
    await fc.asyncModelRun(() => ({ model, real }), run);
  });
  return fc.assert(property, { numRuns: runs, seed: 4217, endOnFailure: !shrinks });
};
