import { benchCatalogPages } from './catalog-pages.ts';
import { benchHttpThroughput } from './http-throughput.ts';

const benchmarks = { http: benchHttpThroughput, catalog: benchCatalogPages } as const;

// `only=http` runs one of them.
const { only } = process.env;
for (const [name, run] of Object.entries(benchmarks)) {
  if (only === undefined || only === name) await run();
}
