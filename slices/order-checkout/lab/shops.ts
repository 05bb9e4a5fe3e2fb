/** Two shops with the same stock and carts, on databases of their own. */
import { randomUUIDv7 } from 'node:crypto';
import { createCartStore } from '@lab/cart-pricing';
import { createReservations, createStockStore, strategyOf } from '@lab/inventory-reservation';
import { migrate, openDatabase, transact } from '@lab/shared/database';
import { sql } from 'kysely';
import {
  CheckoutRefusedError,
  createCheckout,
  defaultSteps,
  type OrderTables,
  type ShopTables,
  shopMigrations,
} from '../src/index.ts';
import { type NaiveTables, naiveCheckout, type Take } from './naive-checkout.ts';

type Quantities = Readonly<Record<string, number>>;

export interface Shop {
  readonly fill: (user: number, cart: Quantities) => Promise<void>;
  /** Orders the cart, or does nothing if it is refused. */
  readonly checkOut: (user: number) => Promise<void>;
  readonly orders: () => Promise<number>;
  readonly left: (sku: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

export type OpenShop = (stock: Quantities) => Promise<Shop>;

export const openNaiveShop =
  (take: Take): OpenShop =>
  async (stock) => {
    const db = openDatabase<NaiveTables>('sqlite::memory:');
    await sql`create table naive_stock (sku text primary key, left integer not null)`.execute(db);
    await sql`create table naive_carts (user_id integer, sku text, quantity integer)`.execute(db);
    await sql`create table naive_orders (user_id integer)`.execute(db);
    for (const [sku, left] of Object.entries(stock))
      await db.insertInto('naive_stock').values({ sku, left }).execute();
    return {
      fill: async (user_id, cart) => {
        const lines = Object.entries(cart).map(([sku, quantity]) => ({ user_id, sku, quantity }));
        await db.insertInto('naive_carts').values(lines).execute();
      },
      checkOut: (user) => naiveCheckout(db, user, take),
      orders: async () => (await db.selectFrom('naive_orders').select('user_id').execute()).length,
      left: async (sku) => {
        const find = db.selectFrom('naive_stock').select('left').where('sku', '=', sku);
        return (await find.executeTakeFirstOrThrow()).left;
      },
      close: () => db.destroy(),
    };
  };

export const openOurShop: OpenShop = async (stock) => {
  const db = openDatabase<ShopTables>('sqlite::memory:');
  await migrate(db, shopMigrations);
  const deps = { now: () => new Date(), newId: randomUUIDv7 };
  const reservations = createReservations({ ...deps, strategy: strategyOf('conditional') });
  const store = createStockStore(db, { ...deps, reservations });
  await store.create(Object.entries(stock).map(([sku, quantity]) => ({ sku, quantity })));
  const carts = createCartStore(db, deps);
  const checkout = createCheckout(defaultSteps(reservations, deps), deps, { paymentWindowMs: 900_000 });
  return {
    fill: async (user, cart) => {
      for (const [sku, quantity] of Object.entries(cart))
        await carts.add(user, { sku, quantity, currency: 'USD' });
    },
    checkOut: async (userId) => {
      const wish = { userId, actor: `shopper:${userId}` };
      try {
        await transact(db, (trx) => checkout(trx.withTables<OrderTables>(), wish));
      } catch (error) {
        if (!(error instanceof CheckoutRefusedError)) throw error;
      }
    },
    orders: async () => (await db.selectFrom('orders').select('id').execute()).length,
    left: async (sku) => {
      const row = await store.find(sku);
      return row === undefined ? 0 : row.on_hand - row.reserved;
    },
    close: () => db.destroy(),
  };
};
