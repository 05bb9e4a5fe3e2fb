import { randomUUIDv7 } from 'node:crypto';
import { type ShopTables, shopMigrations, startShop } from '@lab/order-checkout';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. Dispose `resources` when it stops. */
export const createOwnApp = async (databaseUrl: string, resources: AsyncDisposableStack) => {
  const db = openDatabase<ShopTables>(databaseUrl);
  resources.defer(() => db.destroy());
  await migrate(db, shopMigrations);
  const settings = {
    INVENTORY_STRATEGY: 'conditional',
    RESERVATION_TTL_MS: 900_000,
    RESERVATION_SWEEP_INTERVAL_MS: 1000,
    PAYMENT_WINDOW_MS: 900_000,
    ORDER_SWEEP_INTERVAL_MS: 1000,
    IDEMPOTENCY_TTL_MS: 86_400_000,
  } as const;
  const logger = createLogger({ service: 'my-shop', level: 'warn' });
  const { stock, routers } = startShop(
    { settings, logger, registry: createMetrics(), resources },
    {
      db,
      now: () => new Date(),
      newId: randomUUIDv7,
      callers: createCallers({
        authTokens: new Map([['a', 1]]),
        adminToken: 'my-token',
        trustUserHeader: false,
      }),
      cursorsOf: (list) => createCursors({ secret: 'at-least-32-characters-of-your-own', list }),
      // Your own prices, addresses, discounts, gifts or stock go here: steps: { discount: ... }
    },
  );

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', ...routers);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, stock };
};
