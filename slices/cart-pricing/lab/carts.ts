/** Changes carts both ways: thirty concurrent additions, two changes to one version, and prices sent by the client. */
import { randomUUIDv7 } from 'node:crypto';
import { migrate, openDatabase } from '@lab/shared/database';
import { startSlice } from '@lab/testing/story';
import { sql } from 'kysely';
import { type CartTables, cartMigrations, createCartStore } from '../src/index.ts';
import { addNaively, type NaiveTables } from './naive-cart.ts';

export const ADDITIONS = 30;
export const TRIES = 20;

const sku = 'MOCHI-6';
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

const openCarts = async () => {
  const db = openDatabase<CartTables & NaiveTables>('sqlite::memory:');
  await migrate(db, [cartMigrations]);
  const columns = sql`user_id integer, version integer, quantity integer, unit_price text`;
  await sql`create table naive_carts (${columns})`.execute(db);
  for (const user_id of range(TRIES + 1)) {
    await db.insertInto('naive_carts').values({ user_id, version: 0, quantity: 0, unit_price: '' }).execute();
  }
  const store = createCartStore(db, { now: () => new Date(), newId: randomUUIDv7 });
  return { db, store };
};

/** Thirty concurrent additions of one unit to one cart: counts those that are lost. */
const addAtOnce = async ({ db, store }: Awaited<ReturnType<typeof openCarts>>) => {
  const user = TRIES + 1;
  const one = { quantity: 1, unitPrice: '1.00' };
  await Promise.all(range(ADDITIONS).map(() => addNaively(db, user, one)));
  await Promise.all(range(ADDITIONS).map(() => store.add(user, { sku, quantity: 1, currency: 'USD' })));
  const naive = db.selectFrom('naive_carts').select('quantity').where('user_id', '=', user);
  const { quantity } = await naive.executeTakeFirstOrThrow();
  const [line] = (await store.read(user)).items;
  return { naive: ADDITIONS - quantity, ours: ADDITIONS - (line?.quantity ?? 0) };
};

/** Two changes to each cart, both expecting version 0: counts the carts that accept both. */
const changeTwice = async ({ db, store }: Awaited<ReturnType<typeof openCarts>>) => {
  const taken = { naive: 0, ours: 0 };
  const seen = { quantity: 1, expectedVersion: 0 };
  for (const user of range(TRIES)) {
    const naive = [1, 2].map(() => addNaively(db, user, { ...seen, unitPrice: '1.00' }));
    if ((await Promise.all(naive)).every((status) => status === 201)) taken.naive += 1;
    const ours = [1, 2].map(() => store.add(user, { sku, currency: 'USD', ...seen }));
    if ((await Promise.all(ours)).every(({ ok }) => ok)) taken.ours += 1;
  }
  return taken;
};

/** Adds a product over HTTP at a price that the client chose: counts the carts that accept it. */
const choosePrice = async ({ db }: Awaited<ReturnType<typeof openCarts>>) => {
  const server = await startSlice(new URL('../src/server.ts', import.meta.url), {
    DATABASE_URL: 'sqlite::memory:',
  });
  const taken = { naive: 0, ours: 0 };
  for (const user of range(TRIES)) {
    const unitPrice = (user / 100).toFixed(2);
    if ((await addNaively(db, user, { quantity: 1, unitPrice })) === 201) taken.naive += 1;
    const { ok } = await fetch(`${server.url}/carts/me/items`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-User-Id': String(user) },
      body: JSON.stringify({ sku, quantity: 1, unit_price: { amount: unitPrice, currency: 'USD' } }),
    });
    if (ok) taken.ours += 1;
  }
  await server.stop();
  return taken;
};

export const changeCarts = async () => {
  const carts = await openCarts();
  try {
    return {
      lost: await addAtOnce(carts),
      conflicts: await changeTwice(carts),
      prices: await choosePrice(carts),
    };
  } finally {
    await carts.db.destroy();
  }
};
