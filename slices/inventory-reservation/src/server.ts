import { randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations, startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { startRedis } from '@lab/shared/redis';
import { inventoryReservationSettings } from './config.ts';
import { inventoryMigrations, type StockingTables, sampleStock, startInventory, tag } from './index.ts';

await serve({
  name: 'inventory-reservation',
  title: 'Inventory reservation',
  description: tag.description,
  settings: inventoryReservationSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const db = await startDatabase<StockingTables>(server, [idempotencyMigrations, inventoryMigrations]);
    const now = () => new Date();
    const onError = (err: unknown) => logger.error({ err }, 'could not delete expired idempotency keys');
    resources.use(startKeySweeper({ db, now, onError }, sweeperOptions(settings)));
    const idempotency = createIdempotency({ now }, { ttlMs: settings.IDEMPOTENCY_TTL_MS });
    const callers = createCallers(callerOptions(settings));
    const cursorsOf = (list: string) => createCursors({ secret: settings.CURSOR_SECRET, list });
    const deps = { db, idempotency, callers, cursorsOf, now, newId: randomUUIDv7, redis: startRedis(server) };
    const { stock, stockRouter, reservationRouter } = startInventory(server, deps);
    await stock.create(sampleStock);
    return [stockRouter, reservationRouter];
  },
});
