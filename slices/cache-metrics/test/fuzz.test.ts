import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { FIRST, openShop } from './cached-shop.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openApp = async () => (await openShop(engine)).app;
  edgeConformance(openApp);
  fuzzContracts(openApp, {
    samples: {
      readPortalScript: { 'params.folder': ['portal'], 'params.file': ['app.js', 'unknown.js'] },
      listProducts: { 'query.cursor': [], 'query.currency': ['USD', 'EUR', 'JPY'] },
      readProduct: { 'params.id': [FIRST, 'unknown'] },
      changeProduct: {
        'params.id': [FIRST, 'unknown'],
        'body.price.currency': ['USD', 'EUR'],
        'body.price.amount': ['0.95', '12', '1.2'],
      },
    },
  });
});
