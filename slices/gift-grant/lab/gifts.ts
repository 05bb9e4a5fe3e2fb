import { migrate, openDatabase } from '@lab/shared/database';
import { sql } from 'kysely';
import { giftMigrations, idempotencyMigrations } from '../src/index.ts';
import { type Tables, waysOn } from './ways.ts';

/** Opens a database with the tables that both ways need. */
export const openGifts = async (url: string) => {
  const db = openDatabase<Tables>(url);
  await migrate(db, [idempotencyMigrations, giftMigrations]);
  await sql`create table if not exists handled_keys (key text)`.execute(db);
  return {
    ...waysOn(db),
    /** Counts the gifts with this sku. */
    count: async (sku: string): Promise<number> =>
      (await db.selectFrom('gifts').select('id').where('sku', '=', sku).execute()).length,
    close: () => db.destroy(),
  };
};

export type Gifts = Awaited<ReturnType<typeof openGifts>>;
