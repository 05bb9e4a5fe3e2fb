import { boundedClientCost, edgeConformance, fuzzContracts } from '@lab/testing';
import { openWrappedApp } from './wrapped-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

const openApp = async () => (await openWrappedApp()).app;
edgeConformance(openApp);
fuzzContracts(openApp, { samples: { callUpstream: { 'params.path': ['flaky/1', 'flaky/2', 'nowhere'] } } });
