import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { orderCheckoutSettings } from './config.ts';
import { orderCheckoutMigrations } from './migrations.ts';
import { createNoteStore, type OrderCheckoutTables } from './note-store.ts';
import { createOrderCheckoutRouter, tag } from './router.ts';

await serve({
  name: 'order-checkout',
  title: 'Order checkout',
  description: tag.description,
  settings: orderCheckoutSettings,
  start: async (server) => {
    const db = await startDatabase<OrderCheckoutTables>(server, [orderCheckoutMigrations]);
    return [createOrderCheckoutRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
