import { randomUUIDv7 } from 'node:crypto';
import { startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { startRedis } from '@lab/shared/redis';
import { orderCheckoutSettings } from './config.ts';
import { type ShopTables, shopMigrations, startShop } from './order-shop.ts';
import { tag } from './routes/order-contracts.ts';

await serve({
  name: 'order-checkout',
  title: 'Order checkout',
  description: tag.description,
  settings: orderCheckoutSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const db = await startDatabase<ShopTables>(server, shopMigrations);
    const now = () => new Date();
    const onError = (err: unknown) => logger.error({ err }, 'could not delete expired idempotency keys');
    resources.use(startKeySweeper({ db, now, onError }, sweeperOptions(settings)));
    const callers = createCallers(callerOptions(settings));
    const cursorsOf = (list: string) => createCursors({ secret: settings.CURSOR_SECRET, list });
    const deps = { db, now, newId: randomUUIDv7, callers, cursorsOf, redis: startRedis(server) };
    const { routers, stockUp } = startShop(server, deps);
    await stockUp();
    return routers;
  },
});
