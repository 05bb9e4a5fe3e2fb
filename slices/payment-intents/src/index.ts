export { paymentIntentsSettings } from './config.ts';
export { paymentIntentsMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type PaymentIntentsTables } from './note-store.ts';
export { createPaymentIntentsRouter, type PaymentIntentsDeps } from './router.ts';
