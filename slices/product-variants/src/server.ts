import { randomUUIDv7 as newId } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { startRelister } from './categories/relisting.ts';
import { productVariantsSettings as settings } from './config.ts';
import { createStockTable } from './editing/stock.ts';
import { createVariantRouters, tag } from './routers.ts';
import { prepareShop, shopMigrations } from './samples/sample-variants.ts';

await serve({
  name: 'product-variants',
  title: 'Product variants',
  description: tag.description,
  settings,
  start: async (server) => {
    const { CURSOR_SECRET: secret } = server.settings;
    const callers = createCallers(callerOptions(server.settings));
    const cursors = createCursors({ secret, list: 'products' });
    const stock = createStockTable();
    const db = await startDatabase(server, shopMigrations, prepareShop(stock, server.settings));
    server.resources.use(startRelister({ db }, server));
    return createVariantRouters({ db, stock, cursors, callers, now: () => new Date(), newId });
  },
});
