import { type CartTables, cartMigrations } from '@lab/cart-pricing';
import { type DatabaseOptions, migrate, openDatabase } from '@lab/shared/database';
import type { Kysely } from 'kysely';

/** The tables of all slices, in one database. */
export type DemoTables = CartTables;

/** Opens the one database of the demo, with the tables of every slice in place. */
export const openDemoDatabase = async (
  url: string,
  options: DatabaseOptions,
): Promise<Kysely<DemoTables>> => {
  const db = openDatabase<DemoTables>(url, options);
  await migrate(db, [cartMigrations]);
  return db;
};
