/**
 * The baseline of the checkout: writes what an order of five lines writes, in one transaction for each, with the driver
 * alone and nothing around it. Prints the orders per second.
 */
import { randomUUID } from 'node:crypto';
import { marks, openBare } from './order-rows.ts';

const { DATABASE_URL = '', SECONDS = '2', CONNECTIONS = '1' } = process.env;
const LINES = [0, 1, 2, 3, 4];
const CARTS = 1000;
/** As long as what is stored with a key: the answer. */
const ANSWER = 'x'.repeat(1800);

const setup = openBare(DATABASE_URL);
const tables = [
  'bare_keys (k text primary key, fingerprint text not null, response text, expires_at bigint not null)',
  'bare_reservations (id text primary key, status text not null, expires_at bigint not null)',
  'bare_reservation_lines (id text, sku text, quantity bigint not null, primary key (id, sku))',
  'bare_stock (sku text primary key, reserved bigint not null)',
  'bare_orders (id text primary key, user_id bigint not null, status text not null, total bigint not null)',
  'bare_lines (id text, place bigint, sku text not null, price bigint not null, primary key (id, place))',
  'bare_events (id text, version bigint, state text not null, primary key (id, version))',
  'bare_carts (user_id bigint primary key, version bigint not null)',
];
await setup.commit(tables.map((table) => ({ sql: `create table if not exists ${table}`, values: [] })));
const skus = LINES.map((line) => `sku-${line}`);
await setup.commit([
  ...skus.map((sku) => ({
    sql: 'insert into bare_stock values (?, 0) on conflict do nothing',
    values: [sku],
  })),
  ...Array.from({ length: CARTS }, (_, user) => ({
    sql: 'insert into bare_carts values (?, 0) on conflict do nothing',
    values: [user],
  })),
]);
await setup.close();

const statementsOf = (id: string, user: number) => [
  { sql: 'insert into bare_keys values (?, ?, null, ?)', values: [id, id, 1] },
  { sql: 'insert into bare_reservations values (?, ?, ?)', values: [id, 'held', 1] },
  {
    sql: `insert into bare_reservation_lines values ${marks(LINES.length, 3)}`,
    values: skus.flatMap((sku) => [id, sku, 1]),
  },
  ...skus.map((sku) => ({
    sql: 'update bare_stock set reserved = reserved + 1 where sku = ?',
    values: [sku],
  })),
  { sql: 'insert into bare_orders values (?, ?, ?, ?)', values: [id, user, 'pending', 1] },
  {
    sql: `insert into bare_lines values ${marks(LINES.length, 4)}`,
    values: skus.flatMap((sku, place) => [id, place, sku, 699]),
  },
  { sql: 'insert into bare_events values (?, ?, ?)', values: [id, 1, 'pending'] },
  { sql: 'update bare_carts set version = version + 1 where user_id = ?', values: [user] },
  { sql: 'update bare_keys set response = ? where k = ?', values: [ANSWER, id] },
];

const database = openBare(DATABASE_URL, Number(CONNECTIONS));
const startedAtMs = performance.now();
let orders = 0;

const keepWriting = async (): Promise<void> => {
  while (performance.now() - startedAtMs < Number(SECONDS) * 1000) {
    orders += 1;
    await database.commit(statementsOf(randomUUID(), orders % CARTS));
  }
};

await Promise.all(Array.from({ length: Number(CONNECTIONS) }, keepWriting));
const seconds = (performance.now() - startedAtMs) / 1000;
await database.close();
console.log(JSON.stringify({ ordersPerSecond: orders / seconds }));
