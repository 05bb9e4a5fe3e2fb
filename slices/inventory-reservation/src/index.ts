export { inventoryReservationSettings } from './config.ts';
export { inventoryReservationMigrations } from './migrations.ts';
export { createNoteStore, type InventoryReservationTables, type NoteStore } from './note-store.ts';
export { createInventoryReservationRouter, type InventoryReservationDeps } from './router.ts';
