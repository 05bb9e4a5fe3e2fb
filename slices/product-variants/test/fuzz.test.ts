import { loadSample } from '@lab/catalog-pagination';
import { tagOf } from '@lab/shared/http';
import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import fc from 'fast-check';
import { prepareVariants } from '../src/index.ts';
import { appOf, openVariantsApp } from './variants-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

const ids = ['019b76da-a800-7000-8000-000000000009', '019b76da-a800-7000-8000-000000000018'];
const price = { amount: '4.20', currency: 'USD' };
const known = { 'params.id': [...ids, 'unknown'], 'headers.if-match': ['*', '"stale"'] };
const money = fc.constantFrom(price, { amount: '0.95', currency: 'USD' }, { amount: '7', currency: 'JPY' });

const variant = fc.record({ sku: fc.stringMatching(/^[A-Z]{1,8}$/), stock: fc.nat(9) });
const variants = fc
  .uniqueArray(variant, { selector: ({ sku }) => sku, maxLength: 4 })
  .map((all) => all.map((each) => ({ ...each, attributes: { color: each.sku } })));

eachDatabase((engine) => {
  const openApp = async () => {
    const deps = await openVariantsApp(engine);
    await loadSample(deps.db, 100);
    await prepareVariants(deps.db, deps.stock);
    return appOf(deps);
  };
  edgeConformance(openApp);
  fuzzContracts(openApp, {
    leastValidShare: 0.3,
    routes: (contract) => tagOf(contract).name === 'product-variants',
    samples: {
      listProducts: {
        'query.cursor': [],
        'query.currency': ['USD', 'EUR', 'JPY', 'CLF'],
        'query.facets': ['recipe', 'recipe,flavor', 'maker'],
      },
      readProduct: { 'params.id': [...ids, 'unknown'] },
      createProduct: {
        'body.price': money,
        'body.variants[].price': money,
        'body.category': ['snacks', 'unknown'],
      },
      editProduct: { ...known, 'body.price': money, 'body.category': ['snacks', 'snacks.nuts', 'unknown'] },
      replaceVariants: { ...known, 'body.variants': variants },
      deleteProduct: { 'params.id': ['unknown', 'gone'] },
      addCategory: { 'body.parent': ['snacks', 'snacks.nuts', null] },
      changeCategory: {
        'params.id': ['snacks.nuts', 'drinks', 'unknown'],
        'body.parent': ['snacks', 'drinks', null],
      },
      deleteCategory: { 'params.id': ['drinks.cold.cola', 'snacks', 'unknown'] },
    },
  });
});
