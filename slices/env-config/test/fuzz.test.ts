import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { openFlagsApp, sampleFlags } from './flags-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openApp = async () => (await openFlagsApp(engine)).app;
  edgeConformance(openApp);
  const keys = Object.keys(sampleFlags);
  fuzzContracts(openApp, {
    samples: {
      readFlag: { 'params.key': keys },
      changeFlag: {
        'params.key': keys,
        'body.rollout_percent': [0, 0.01, 12.5, 100, null],
        'body.variant': ['on', 'off', 'red', null],
      },
    },
  });
});
