import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../workspace.ts';
import { readRow } from './bare-database.ts';
import { median } from './compare.ts';
import { createDatabase, type Engine, engines } from './databases.ts';
import { atEnd } from './leftovers.ts';
import { productionSettings } from './production-settings.ts';
import { nodeOn, startServer } from './server-process.ts';

const ROUNDS = Number(process.env.rounds ?? 3);
const SECONDS = 2;
const SHOPPERS = [16, 64] as const;
/** Postgres is also measured with as many writers as the server has connections. SQLite has only one writer. */
const WRITERS = { sqlite: [1], postgres: [1, 10] } as const;

const barely = z.object({ ordersPerSecond: z.number() });
const ordered = z.object({
  ordersPerSecond: z.number(),
  orders: z.int(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

type Ordered = z.output<typeof ordered>;

/** Runs a script on one core, and reads what it prints. */
const measure = async (
  core: 'server' | 'load',
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<unknown> => {
  const [command, args] = nodeOn(core, [join(import.meta.dirname, script)]);
  const running = promisify(execFile)(command, args, {
    env: { ...process.env, SECONDS: String(SECONDS), ...env },
  });
  const stop = atEnd(() => running.child.kill());
  const { stdout } = await running.finally(stop);
  return JSON.parse(stdout);
};

const line = (shoppers: number, results: readonly Ordered[], ratios: readonly number[]): string => {
  const of = (key: keyof Ordered) => median(results.map((one) => one[key]));
  return [
    `${shoppers} shoppers`.padEnd(18),
    `${of('ordersPerSecond').toFixed(0)} orders/s`.padStart(16),
    `p50 ${of('p50Ms').toFixed(1)} ms`.padStart(15),
    `p99 ${of('p99Ms').toFixed(1)} ms`.padStart(15),
    `   ${median(ratios).toFixed(2)} of the bare writer`,
  ].join('');
};

const measureEngine = async (engine: Engine): Promise<void> => {
  const [DATABASE_URL, bareUrl] = [await createDatabase(engine), await createDatabase(engine)];
  const env = {
    ...productionSettings,
    DATABASE_URL,
    TRUST_USER_HEADER: 'on',
    IDEMPOTENCY_SWEEP_INTERVAL_MS: '3600000',
  };
  const server = await startServer('src/server.ts', join(ROOT, 'slices/order-checkout'), env);
  const bare = WRITERS[engine].map((writers) => ({ writers, rates: [] as number[] }));
  const results = SHOPPERS.map((shoppers) => ({ shoppers, found: [] as Ordered[], ratios: [] as number[] }));
  let firstUser = 1;
  let answered = 0;
  // The first round warms both up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { writers, rates } of bare) {
      const found = await measure('server', 'bare-orders.ts', {
        DATABASE_URL: bareUrl,
        CONNECTIONS: String(writers),
      });
      if (round > 0) rates.push(barely.parse(found).ordersPerSecond);
    }
    for (const { shoppers, found, ratios } of results) {
      const load = {
        DATABASE_URL,
        SERVER_URL: server.url,
        SHOPPERS: String(shoppers),
        FIRST_USER: String(firstUser),
      };
      const one = ordered.parse(await measure('load', 'shoppers.ts', load));
      firstUser += 1_000_000;
      answered += one.orders;
      if (round === 0) continue;
      found.push(one);
      ratios.push(one.ordersPerSecond / (bare.at(-1)?.rates.at(-1) ?? 1));
    }
  }
  const counted = z.object({ count: z.coerce.number() });
  const { count } = counted.parse(await readRow(DATABASE_URL, 'select count(*) as count from orders'));
  await server.stop();

  console.log(`\nPOST /checkout on ${engine}, 5 lines each, acknowledged after the commit is on disk`);
  for (const { writers, rates } of bare) {
    const name = writers === 1 ? 'one bare writer' : `${writers} bare writers`;
    console.log(
      `${name.padEnd(18)}${`${median(rates).toFixed(0)} orders/s`.padStart(16)}   the same rows, with only the driver`,
    );
  }
  for (const { shoppers, found, ratios } of results) console.log(line(shoppers, found, ratios));
  console.log(`orders in the table: ${count}, answers 201: ${answered}`);
  if (count !== answered) throw new Error('orders were lost or made twice');
};

/** Durable orders per second, compared with a process that only writes the same rows, in one transaction for each. */
export const benchCheckout = async (): Promise<void> => {
  console.log(
    `Checkout: one server process on one core. Each is measured ${ROUNDS} times for ${SECONDS} s, in turns`,
  );
  for (const engine of engines) await measureEngine(engine);
};
