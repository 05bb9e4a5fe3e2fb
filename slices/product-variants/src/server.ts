import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { productVariantsSettings } from './config.ts';
import { productVariantsMigrations } from './migrations.ts';
import { createNoteStore, type ProductVariantsTables } from './note-store.ts';
import { createProductVariantsRouter, tag } from './router.ts';

await serve({
  name: 'product-variants',
  title: 'Product variants',
  description: tag.description,
  settings: productVariantsSettings,
  start: async (server) => {
    const db = await startDatabase<ProductVariantsTables>(server, [productVariantsMigrations]);
    return [createProductVariantsRouter({ notes: createNoteStore(db, { now: () => new Date() }) })];
  },
});
