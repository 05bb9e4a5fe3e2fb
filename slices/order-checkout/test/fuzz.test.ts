import { tagOf } from '@lab/shared/http';
import {
  boundedClientCost,
  eachDatabase,
  edgeConformance,
  fuzzContracts,
  listConformance,
  startApp,
} from '@lab/testing';
import { alice, openShop, operator } from './shop-app.ts';

boundedClientCost(new URL('../src/server.ts', import.meta.url));

const YEAR_2100_MS = 4_102_444_800_000;

/** An order of Alice's, pending for long. */
const orderRow = (id: string, createdMs = 1) => ({
  ...({ id, user_id: 1, status: 'pending', version: 1 } as const),
  ...{ currency: 'USD', subtotal_minor: 1, discount_minor: 0, tax_minor: 0, total_minor: 1 },
  ...{ promo_code: null, gift: null, shipping_address: null, reservation_id: id },
  ...{ expires_at: YEAR_2100_MS, created_at: createdMs, updated_at: createdMs },
});

const orderIds = Array.from({ length: 60 }, (_, index) => `order-${index}`);

const isOwn = (contract: Parameters<typeof tagOf>[0]) => tagOf(contract).name === 'order-checkout';

eachDatabase((engine) => {
  /** A shop in which Alice has a cart and orders. */
  const open = async () => {
    const { app, db, stock } = await openShop(engine);
    await stock.create([{ sku: 'ICE-VANILLA-500', quantity: 1_000_000 }]);
    const { request } = await startApp(app);
    const add = { headers: alice, json: { sku: 'ICE-VANILLA-500', quantity: 2 } };
    await request('POST', '/carts/me/items', add);
    await db
      .insertInto('orders')
      .values(orderIds.map((id) => orderRow(id)))
      .execute();
    return app;
  };
  edgeConformance(open);
  fuzzContracts(open, {
    routes: isOwn,
    samples: {
      readOrder: { 'params.id': orderIds },
      readOrderEvents: { 'params.id': orderIds },
      cancelOrder: { 'params.id': orderIds },
      moveOrder: { 'params.id': orderIds, 'body.expected_version': [] },
      checkOut: { 'body.address_id': [], 'body.promo_code': [] },
    },
    leastValidShare: 0.3,
    requestsPerRoute: process.env.FULL_PROOF === '1' ? 2000 : 100,
  });
});

listConformance({
  path: '/orders',
  queries: ['', 'status=pending'],
  headers: alice,
  otherHeaders: operator,
  open: async (engine) => {
    const { app, db } = await openShop(engine);
    return {
      app,
      insert: async (index) => {
        const id = crypto.randomUUID();
        const row = orderRow(id, 1_000_000 + Math.floor(index / 3));
        await db.insertInto('orders').values(row).execute();
        return id;
      },
      remove: async (id) => void (await db.deleteFrom('orders').where('id', '=', id).execute()),
    };
  },
});
