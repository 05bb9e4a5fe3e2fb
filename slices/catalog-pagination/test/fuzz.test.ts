import { migrate } from '@lab/shared/database';
import { tagOf } from '@lab/shared/http';
import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { type CatalogTables, catalogMigrations, loadSample } from '../src/index.ts';
import { sampleProduct } from '../src/sample-catalog.ts';
import { appOf } from './sample-shop.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openApp = async () => {
    const { db } = await engine.open<CatalogTables>();
    await migrate(db, [catalogMigrations]);
    await loadSample(db, 200);
    return appOf(db);
  };
  edgeConformance(openApp);
  fuzzContracts(openApp, {
    routes: (contract) => tagOf(contract).name === 'catalog-pagination',
    samples: {
      listProducts: { 'query.cursor': [], 'query.currency': ['USD', 'EUR', 'JPY', 'CLF'] },
      readProduct: { 'params.id': [sampleProduct(1).id, sampleProduct(2).id, 'unknown'] },
    },
  });
});
