/**
 * The load of the checkout: `SHOPPERS` shoppers at once who each order a full cart of five lines, and then another one as
 * another user, for `SECONDS`. The carts are written beforehand, past the server. Prints what was ordered.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { marks, openBare } from './order-rows.ts';

const { DATABASE_URL = '', SERVER_URL = '', SECONDS = '2', SHOPPERS = '16', FIRST_USER = '1' } = process.env;
const SKUS = [
  ...['SNACK-PRETZEL-200', 'SNACK-ALMOND-150', 'ICE-LEMON-500', 'ART-BRUSH-FLAT-4', 'ART-SKETCH-A5'],
  ...['SNACK-CASHEW-150', 'ICE-SANDWICH-6', 'ART-INK-BLACK-30', 'ART-CHARCOAL-10', 'SNACK-OATBAR-6'],
];
const LINES = 5;
const MOST_ORDERS = 5000;
const CARTS_PER_STATEMENT = 100;

const writeCarts = async (): Promise<void> => {
  const database = openBare(DATABASE_URL);
  const stock = SKUS.map((sku) => ({
    sql: 'update stock set on_hand = 100000000 where sku = ?',
    values: [sku],
  }));
  await database.commit(stock);
  for (let from = 0; from < MOST_ORDERS; from += CARTS_PER_STATEMENT) {
    const users = Array.from(
      { length: CARTS_PER_STATEMENT },
      (_, index) => Number(FIRST_USER) + from + index,
    );
    const lines = users.flatMap((user) =>
      Array.from({ length: LINES }, (_, place) => [
        randomUUID(),
        user,
        SKUS[(user + place) % SKUS.length] ?? '',
        1,
        place,
      ]),
    );
    await database.commit([
      {
        sql: `insert into carts (user_id, version, currency, updated_at) values ${marks(users.length, 4)}`,
        values: users.flatMap((user) => [user, 1, 'USD', 1]),
      },
      {
        sql: `insert into cart_items (id, user_id, sku, quantity, created_at) values ${marks(lines.length, 5)}`,
        values: lines.flat(),
      },
    ]);
  }
  await database.close();
};

const agent = new Agent({ keepAlive: true, maxSockets: Number(SHOPPERS) });

const order = async (user: number): Promise<number> => {
  const startedMs = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers = {
    'Content-Type': 'application/json',
    'X-User-Id': String(user),
    'Idempotency-Key': `order-${user}`,
  };
  const sent = request(`${SERVER_URL}/checkout`, { method: 'POST', agent, headers }, (response) => {
    text(response).then((body) =>
      response.statusCode === 201 ? resolve(body) : reject(new Error(`${response.statusCode}: ${body}`)),
    );
  });
  sent.on('error', reject).end('{}');
  await promise;
  return performance.now() - startedMs;
};

await writeCarts();
const times: number[] = [];
let next = Number(FIRST_USER);
const last = next + MOST_ORDERS;
const startedAtMs = performance.now();
const shop = async (): Promise<void> => {
  while (next < last && performance.now() - startedAtMs < Number(SECONDS) * 1000) {
    const user = next;
    next += 1;
    times.push(await order(user));
  }
};
await Promise.all(Array.from({ length: Number(SHOPPERS) }, shop));
const seconds = (performance.now() - startedAtMs) / 1000;
agent.destroy();
const sorted = times.toSorted((a, b) => a - b);
const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
console.log(
  JSON.stringify({
    orders: times.length,
    ordersPerSecond: times.length / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
  }),
);
