import { boundedClientCost, eachDatabase, edgeConformance, fuzzContracts } from '@lab/testing';
import { openPromoApp } from './promo-app.ts';

const totals = ['0', '0.00', '29.99', '30.00', '1234.56'];
const samples = {
  applyPromo: {
    'body.code': ['WELCOME10', 'SAVE5', 'FIRST50', 'SPRING', 'NEXTYEAR', 'welcome10'],
    'body.cart_total': totals.flatMap((amount) => [
      { amount, currency: 'USD' },
      { amount: amount.replace(/\..*/, ''), currency: 'JPY' },
    ]),
  },
};

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  // The limit would refuse nearly all of what is generated.
  const openApp = async () => {
    const policy = { capacity: 1_000_000, refillPerSecond: 1_000_000 };
    return (await openPromoApp(engine, { policy })).app;
  };
  edgeConformance(openApp);
  fuzzContracts(openApp, { samples, leastValidShare: 0.4 });
});
