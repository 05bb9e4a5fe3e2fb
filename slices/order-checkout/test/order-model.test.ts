import { agreesWithOrderModel, eachDatabase, onDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { extras, openModelled } from './modelled-shop.ts';

const isFull = process.env.FULL_PROOF === '1';

eachDatabase((engine) => {
  // Each run is on a new database, which takes Postgres longer.
  const runs = isFull ? 200 : engine.name === 'sqlite' ? 6 : 2;
  it(`agrees with a model of two shoppers and staff, in ${runs} runs of up to 60 commands`, async () => {
    await agreesWithOrderModel(() => openModelled(engine), { runs, shrinks: isFull });
  }, 1_200_000);
});

onDatabase('sqlite', (engine) => {
  it('(detector) sees a code that is not given back', async () => {
    const discount = { ...extras.discount, giveBack: async () => undefined };
    const open = () => openModelled(engine, { discount });
    await expect(agreesWithOrderModel(open, { runs: 20, shrinks: false })).rejects.toThrow('Property failed');
  });
});
