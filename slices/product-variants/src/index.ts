export { productVariantsSettings } from './config.ts';
export { productVariantsMigrations } from './migrations.ts';
export { createNoteStore, type NoteStore, type ProductVariantsTables } from './note-store.ts';
export { createProductVariantsRouter, type ProductVariantsDeps } from './router.ts';
