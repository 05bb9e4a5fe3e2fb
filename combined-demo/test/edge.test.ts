import { boundedClientCost, edgeConformance } from '@lab/testing';
import { openDemo } from './demo-app.ts';

edgeConformance(async () => (await openDemo('sqlite::memory:')).app);
boundedClientCost(new URL('../src/server.ts', import.meta.url), {
  targets: ['/openapi.json', '/products?limit=100'],
});
