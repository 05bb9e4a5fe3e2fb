import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { openNotesApp } from './notes-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openApp = async () => (await openNotesApp(engine)).app;
  edgeConformance(openApp);
  fuzzContracts(openApp);
});
