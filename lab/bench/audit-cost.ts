import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ROOT } from '../workspace.ts';
import { readRow } from './bare-database.ts';
import { ratioOf, row, verdict } from './compare.ts';
import { createDatabase, type Engine, engines } from './databases.ts';
import { connections, type LoadResult, load } from './load.ts';
import { productionSettings } from './production-settings.ts';
import { startServer } from './server-process.ts';

const ROUNDS = Number(process.env.rounds ?? 9);
const SECONDS = 2;
const AIM = 0.9;
/** Longer than it takes to seal what the last requests have left, so that no server works in the turn of the other. */
const REST_MS = 500;

const countSchema = z.object({ count: z.coerce.number() });

const startGifts = async (engine: Engine, AUDIT: 'on' | 'off') => {
  const DATABASE_URL = await createDatabase(engine);
  const { APP_ENV, ADMIN_TOKEN } = productionSettings;
  const server = await startServer('audited-gifts.ts', join(ROOT, 'lab'), {
    ...{ APP_ENV, ADMIN_TOKEN, DATABASE_URL, AUDIT },
  });
  const results: LoadResult[] = [];
  let granted = 0;
  const grant = async (amount: number): Promise<LoadResult> => {
    const keys = { prefix: 'bench', from: granted, count: amount };
    const body = { user_id: '1', sku: 'MOCHI-6', message: 'Enjoy!' };
    granted += amount;
    return load(server, { method: 'POST', path: '/gift', body, keys }, { amount });
  };
  const count = async (table: string): Promise<number> =>
    countSchema.parse(await readRow(DATABASE_URL, `select count(*) as count from ${table}`)).count;
  return { server, results, grant, count, granted: () => granted };
};

const measure = async (engine: Engine): Promise<void> => {
  const servers = [await startGifts(engine, 'off'), await startGifts(engine, 'on')] as const;
  const [plain, audited] = servers;
  for (const { grant } of servers) await grant(60 * connections);
  const { requestsPerSecond } = await plain.grant(20 * connections);
  await audited.grant(20 * connections);
  const amount = Math.max(connections, Math.round(requestsPerSecond * SECONDS));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { results, grant } of round % 2 === 0 ? servers : servers.toReversed()) {
      results.push(await grant(amount));
      await wait(REST_MS);
    }
  }
  const gifts = await audited.count('gifts');
  const entries = (await audited.count('audit_entries')) + (await audited.count('audit_pending'));
  for (const { server } of servers) await server.stop();
  const throughput = ratioOf(audited.results, plain.results, 'requestsPerSecond');
  const cpu = ratioOf(plain.results, audited.results, 'cpuMicros');
  console.log(`\nPOST /gift on ${engine}, each gift on disk before its answer`);
  console.log(`${row('without audit', plain.results)}\n${row('with audit', audited.results)}`);
  console.log(
    `ratio to without: ${throughput.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time; ${verdict(throughput, AIM)}`,
  );
  console.log(`gifts: ${gifts}, of ${audited.granted()} acknowledged; entries: ${entries}`);
  if (gifts !== entries || gifts !== audited.granted())
    throw new Error('a gift has no entry, or none is there');
};

/** What an audit entry costs a durable write: the same server with and without a trail, in turns. */
export const benchAuditCost = async (): Promise<void> => {
  console.log(
    `\nAudited writes: one server process on one core, ${connections} connections, ${ROUNDS} rounds in turns`,
  );
  for (const engine of engines) await measure(engine);
};
