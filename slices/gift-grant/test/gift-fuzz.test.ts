import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { openGiftApp } from './gift-app.ts';

const samples = {
  grantGift: { 'body.idempotency_key': [] },
  readGift: { 'params.id': ['0198aaaa-0000-7000-8000-000000000000'] },
};

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  edgeConformance(async () => (await openGiftApp(engine)).app);
  fuzzContracts(async () => (await openGiftApp(engine)).app, { samples, leastValidShare: 0.4 });
});
