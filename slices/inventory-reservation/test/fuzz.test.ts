import {
  boundedClientCost,
  eachDatabase,
  edgeConformance,
  fuzzContracts,
  listConformance,
} from '@lab/testing';
import { openInventory } from './inventory-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

eachDatabase((engine) => {
  const openApp = async () => {
    const { app, stock } = await openInventory(engine);
    await stock.create([{ sku: 'ICE-VANILLA-500', quantity: 1_000_000 }]);
    return app;
  };
  edgeConformance(openApp);
  fuzzContracts(openApp, {
    samples: {
      readStock: { 'params.sku': ['ICE-VANILLA-500'] },
      readStockLedger: { 'params.sku': ['ICE-VANILLA-500'] },
      adjustStock: { 'params.sku': ['ICE-VANILLA-500'], 'body.delta': [1, 5] },
      reserveStock: { 'body.lines.*.sku': ['ICE-VANILLA-500'] },
    },
    leastValidShare: 0.3,
  });
});

listConformance({
  path: '/stock',
  queries: ['', 'low=5', 'low=6'],
  open: async (engine) => {
    const { app, db } = await openInventory(engine);
    return {
      app,
      insert: async (index) => {
        // The order of skus is not that of their creation.
        const sku = `${['m', 'a', 'z', 'k'][index % 4]}-${crypto.randomUUID()}`;
        await db
          .insertInto('stock')
          .values({ sku, on_hand: index % 5, reserved: 0, version: 1 })
          .execute();
        return sku;
      },
      remove: async (sku) => void (await db.deleteFrom('stock').where('sku', '=', sku).execute()),
    };
  },
});
