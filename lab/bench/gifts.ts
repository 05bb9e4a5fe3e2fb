import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../workspace.ts';
import { readRow } from './bare-database.ts';
import { median, row } from './compare.ts';
import { createDatabase, type Engine, engines } from './databases.ts';
import { atEnd } from './leftovers.ts';
import { connections, type LoadResult, load } from './load.ts';
import { productionSettings } from './production-settings.ts';
import { nodeOn, type ServerProcess, startServer } from './server-process.ts';

const ROUNDS = 3;
const SECONDS = 2;
/** Postgres is also measured with as many writers as the server has connections. SQLite has only one writer. */
const WRITERS = { sqlite: [1], postgres: [1, 10] } as const;

const floorSchema = z.object({ commitsPerSecond: z.number() });

const commitsPerSecond = async (DATABASE_URL: string, writers: number): Promise<number> => {
  const [command, args] = nodeOn('server', [join(import.meta.dirname, 'bare-writer.ts')]);
  const env = { ...process.env, DATABASE_URL, SECONDS: String(SECONDS), CONNECTIONS: String(writers) };
  const writing = promisify(execFile)(command, args, { env });
  const stop = atEnd(() => writing.child.kill());
  const { stdout } = await writing.finally(stop);
  return floorSchema.parse(JSON.parse(stdout)).commitsPerSecond;
};

/** Sends gifts under increasing keys, and replays of earlier ones. */
const createSender = (server: ServerProcess) => {
  const body = { user_id: '1', sku: 'MOCHI-6', message: 'Enjoy!' };
  const send = (volume: Parameters<typeof load>[2], from: number, count: number) =>
    load(server, { method: 'POST', path: '/gift', body, keys: { prefix: 'bench', from, count } }, volume);
  let granted = 0;
  return {
    granted: () => granted,
    /** Waits for each response, so that gifts can be counted afterward. */
    grant: async (amount: number): Promise<LoadResult> => {
      const result = await send({ amount }, granted, amount);
      if (result.total !== amount || result.replayed > 0)
        throw new Error('a new key was answered as a repeat');
      granted += amount;
      return result;
    },
    replay: async (): Promise<LoadResult> => {
      const result = await send({ duration: SECONDS }, 0, granted);
      if (result.replayed !== result.total) throw new Error('a repeat was answered as a new gift');
      return result;
    },
  };
};

const describeDurability = async (engine: Engine, url: string): Promise<string> => {
  if (engine === 'sqlite') return 'WAL, synchronous=FULL';
  const names = ['server_version', 'fsync', 'synchronous_commit'];
  const columns = names.map((name) => `current_setting('${name}') as ${name}`).join(', ');
  const settings = z.record(z.string(), z.string()).parse(await readRow(url, `select ${columns}`));
  if (settings.fsync !== 'on') throw new Error('this Postgres runs without fsync: nothing is durable');
  return names.map((name) => `${name} ${settings[name]}`).join(', ');
};

const countGifts = async (url: string): Promise<number> =>
  z.object({ count: z.coerce.number() }).parse(await readRow(url, 'select count(*) as count from gifts'))
    .count;

const measure = async (engine: Engine): Promise<void> => {
  const [DATABASE_URL, floorUrl] = [await createDatabase(engine), await createDatabase(engine)];
  const { APP_ENV, ADMIN_TOKEN } = productionSettings;
  const env = { DATABASE_URL, APP_ENV, ADMIN_TOKEN };
  const server = await startServer('src/server.ts', join(ROOT, 'slices/gift-grant'), env);
  const sender = createSender(server);
  const { requestsPerSecond } = await sender.grant(20 * connections);
  const amount = Math.max(connections, Math.round(requestsPerSecond * SECONDS));
  await sender.replay();
  const floors = WRITERS[engine].map((writers) => ({ writers, commits: [] as number[] }));
  const grants: LoadResult[] = [];
  const replays: LoadResult[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { writers, commits } of floors) commits.push(await commitsPerSecond(floorUrl, writers));
    grants.push(await sender.grant(amount));
    replays.push(await sender.replay());
  }
  const gifts = await countGifts(DATABASE_URL);
  await server.stop();

  console.log(`\nPOST /gift on ${engine} (${await describeDurability(engine, floorUrl)})`);
  for (const { writers, commits } of floors) {
    const ratio = median(grants.map((one, index) => one.requestsPerSecond / (commits[index] ?? 1)));
    const name = writers === 1 ? 'one bare writer' : `${writers} bare writers`;
    const cells = `${median(commits).toFixed(0)} commits/s`.padStart(16);
    console.log(`${name.padEnd(18)}${cells}   new keys to it: ${ratio.toFixed(2)} (median of pairs)`);
  }
  console.log(`${row('new keys', grants)}\n${row('repeated keys', replays)}`);
  console.log(`gifts in the table: ${gifts}, answers 201 that are no replay: ${sender.granted()}`);
  if (gifts !== sender.granted()) throw new Error('gifts were lost or granted twice');
};

/** Durable gifts and replays per second, compared with a process that only inserts and commits. */
export const benchGifts = async (): Promise<void> => {
  console.log(`Gifts: one server process on one core, ${connections} connections, ${ROUNDS} rounds in turns`);
  for (const engine of engines) await measure(engine);
};
