import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { inventoryReservationSettings } from './config.ts';
import { inventoryReservationMigrations } from './migrations.ts';
import { createNoteStore, type InventoryReservationTables } from './note-store.ts';
import { createInventoryReservationRouter, tag } from './router.ts';

await serve({
  name: 'inventory-reservation',
  title: 'Inventory reservation',
  description: tag.description,
  settings: inventoryReservationSettings,
  start: async (server) => {
    const db = await startDatabase<InventoryReservationTables>(server, [inventoryReservationMigrations]);
    return [createInventoryReservationRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
