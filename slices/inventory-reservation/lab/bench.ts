/**
 * `node --run bench`: reservations per second of each strategy from two processes, of one sku that all want and of 1,000,
 * on the database of `BENCH_DATABASE_URL`, which must be empty. The strategy `redis` needs `REDIS_URL`.
 */
import { fork } from 'node:child_process';
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import {
  checkStock,
  createReservations,
  createStockStore,
  type InventoryTables,
  inventoryMigrations,
  STRATEGIES,
  strategyOf,
} from '@lab/inventory-reservation';
import { engineOf, migrate, openDatabase } from '@lab/shared/database';
import { z } from 'zod';

const PROCESSES = 2;
const SECONDS = 2;
const ROUNDS = Number(process.env.rounds ?? 3);
const KINDS = [1, 1000] as const;
const ENOUGH = 1_000_000;

const { BENCH_DATABASE_URL: url = '', REDIS_URL } = process.env;
const boughtSchema = z.object({ held: z.int(), gaveUp: z.int() });

/** Both processes reserve at once. Resolves with their counts together. */
const race = async (strategy: string, skus: number) => {
  const script = new URL('bench-buyer.ts', import.meta.url);
  const buyers = Array.from({ length: PROCESSES }, () =>
    fork(script, [url, strategy, `${skus}`, `${SECONDS}`]),
  );
  try {
    await Promise.all(buyers.map((buyer) => once(buyer, 'message')));
    const results = buyers.map((buyer) => once(buyer, 'message'));
    for (const buyer of buyers) buyer.send('go');
    const bought = (await Promise.all(results)).map(([message]) => boughtSchema.parse(message));
    return bought.reduce((sum, one) => ({ held: sum.held + one.held, gaveUp: sum.gaveUp + one.gaveUp }));
  } finally {
    for (const buyer of buyers) buyer.kill();
  }
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const db = openDatabase<InventoryTables>(url);
await migrate(db, [inventoryMigrations]);
const deps = { now: () => new Date(), newId: randomUUIDv7 };
const reservations = createReservations({ ...deps, strategy: strategyOf('conditional') });
const skus = Array.from({ length: Math.max(...KINDS) }, (_, index) => ({
  sku: `SKU-${index}`,
  quantity: ENOUGH,
}));
await createStockStore(db, { ...deps, reservations }).create(skus);

console.log(
  `Reservations per second on ${engineOf(db)}, ${PROCESSES} processes with 8 buyers each, of one line`,
);
console.log(
  `${'strategy'.padEnd(14)}${'one hot sku'.padStart(14)}${'1,000 skus'.padStart(14)}${'gave up, hot'.padStart(16)}`,
);
const chosen = STRATEGIES.filter((name) => name !== 'redis' || REDIS_URL);
const rates = new Map(chosen.map((name) => [name, { hot: [] as number[], many: [] as number[], gaveUp: 0 }]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, found] of rates) {
    const hot = await race(name, KINDS[0]);
    found.hot.push(hot.held / SECONDS);
    found.gaveUp += hot.gaveUp;
    found.many.push((await race(name, KINDS[1])).held / SECONDS);
  }
}
for (const [name, { hot, many, gaveUp }] of rates) {
  const cells = [
    median(hot).toFixed(0).padStart(14),
    median(many).toFixed(0).padStart(14),
    `${gaveUp}`.padStart(16),
  ];
  console.log(`${name.padEnd(14)}${cells.join('')}`);
}
const { faults } = await checkStock(db);
if (faults.length > 0) throw new Error('the stock does not agree with its reservations');
await db.destroy();
