import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { seedGifts } from '../src/sample-gifts.ts';
import { NOON_MS, openHistory } from './history-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openSeeded = async () => {
    const { app, db } = await openHistory(engine);
    await seedGifts(db, { now: () => new Date(NOON_MS) });
    return app;
  };
  edgeConformance(openSeeded);
  fuzzContracts(openSeeded, { samples: { listGifts: { 'query.cursor': [] } } });
});
