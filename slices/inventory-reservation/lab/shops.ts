/** Two shops with the same stock, on databases of their own. */
import { randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase, transact } from '@lab/shared/database';
import { sql } from 'kysely';
import {
  createReservations,
  createStockStore,
  type InventoryTables,
  inventoryMigrations,
  type Line,
  strategyOf,
} from '../src/index.ts';
import { type NaiveTables, naiveRelease, naiveReserve } from './naive-stock.ts';

export interface Shop {
  /** Resolves with a function that gives the goods back, or with undefined if there is too little. */
  readonly reserve: (lines: readonly Line[]) => Promise<(() => Promise<unknown>) | undefined>;
  /** How much of a sku others can still reserve. */
  readonly left: (sku: string) => Promise<number>;
  readonly pass: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export type OpenShop = (stock: readonly Line[]) => Promise<Shop>;

export const openNaiveShop: OpenShop = async (stock) => {
  const db = openDatabase<NaiveTables>('sqlite::memory:');
  await sql`create table naive_stock (sku text primary key, left integer not null)`.execute(db);
  for (const { sku, quantity } of stock)
    await db.insertInto('naive_stock').values({ sku, left: quantity }).execute();
  return {
    reserve: async (lines) => ((await naiveReserve(db, lines)) ? () => naiveRelease(db, lines) : undefined),
    left: async (sku) =>
      (await db.selectFrom('naive_stock').select('left').where('sku', '=', sku).executeTakeFirstOrThrow())
        .left,
    pass: () => undefined,
    close: () => db.destroy(),
  };
};

export const openOurShop: OpenShop = async (stock) => {
  const db = openDatabase<InventoryTables>('sqlite::memory:');
  await migrate(db, [inventoryMigrations]);
  let passedMs = 0;
  const deps = { now: () => new Date(Date.now() + passedMs), newId: randomUUIDv7 };
  const reservations = createReservations({ ...deps, strategy: strategyOf('conditional') });
  const store = createStockStore(db, { ...deps, reservations });
  await store.create(stock);
  return {
    reserve: async (lines) => {
      try {
        const { id } = await transact(db, (trx) => reservations.reserve(trx, lines, 900_000));
        return () => transact(db, (trx) => reservations.release(trx, id));
      } catch {
        return undefined;
      }
    },
    left: async (sku) => {
      const row = await store.find(sku);
      return row === undefined ? 0 : row.on_hand - row.reserved;
    },
    pass: (ms) => {
      passedMs += ms;
    },
    close: () => db.destroy(),
  };
};
