export { orderCheckoutSettings } from './config.ts';
export { orderCheckoutMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type OrderCheckoutTables } from './note-store.ts';
export { createOrderCheckoutRouter, type OrderCheckoutDeps } from './router.ts';
