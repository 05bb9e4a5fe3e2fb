import { migrate } from '@lab/shared/database';
import { createFakeClock, createTestApp, type DatabaseEngine } from '@lab/testing';
import {
  createNoteStore,
  createProductVariantsRouter,
  type ProductVariantsTables,
  productVariantsMigrations,
} from '../src/index.ts';

export const NOON = '2026-11-20T12:00:00.000Z';

/** An app of the routes on an empty database, with a clock that stands still until it is advanced. */
export const openNotesApp = async (engine: DatabaseEngine) => {
  const { db } = await engine.open<ProductVariantsTables>();
  await migrate(db, [productVariantsMigrations]);
  const { now, advance } = createFakeClock(NOON);
  const notes = createNoteStore(db, { now });
  const count = async () => (await db.selectFrom('product_variants_notes').select('id').execute()).length;
  return { app: createTestApp([createProductVariantsRouter({ notes })]), advance, count };
};
