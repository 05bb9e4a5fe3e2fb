import { randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { inventoryMigrations, type StockingTables, startInventory } from '@lab/inventory-reservation';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import express from 'express';

/** Your own Express app, with the slice mounted under a prefix of your choice. Dispose `resources` when it stops. */
export const createOwnApp = async (databaseUrl: string, resources: AsyncDisposableStack) => {
  const db = openDatabase<StockingTables>(databaseUrl);
  resources.defer(() => db.destroy());
  await migrate(db, [idempotencyMigrations, inventoryMigrations]);
  const now = () => new Date();
  const settings = {
    INVENTORY_STRATEGY: 'conditional',
    RESERVATION_TTL_MS: 900_000,
    RESERVATION_SWEEP_INTERVAL_MS: 1000,
  } as const;
  const logger = createLogger({ service: 'my-shop', level: 'warn' });
  const { stock, stockRouter, reservationRouter } = startInventory(
    { settings, logger, registry: createMetrics(), resources },
    {
      db,
      now,
      newId: randomUUIDv7,
      idempotency: createIdempotency({ now }, { ttlMs: 86_400_000 }),
      callers: createCallers({ authTokens: new Map(), adminToken: 'my-token', trustUserHeader: false }),
      cursorsOf: (list) => createCursors({ secret: 'at-least-32-characters-of-your-own', list }),
    },
  );

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', stockRouter, reservationRouter);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return { app, stock };
};
