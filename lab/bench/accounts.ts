import crypto from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import bcrypt from 'bcryptjs';
import { ROOT } from '../workspace.ts';
import { median } from './compare.ts';
import { createDatabase } from './databases.ts';
import { productionSettings } from './production-settings.ts';
import { watchMemory } from './resident-memory.ts';
import { startServer } from './server-process.ts';

const LOGINS = 2000;
const MOST_RESIDENT_MB = 1000;
const PASSWORD = 'correct horse battery staple';
const SAMPLES = 3;
const mostLoopMs = 50;

const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const times: number[] = [];
  for (let index = 0; index < SAMPLES; index += 1) {
    const startedAtMs = performance.now();
    await work();
    times.push(performance.now() - startedAtMs);
  }
  return median(times);
};

const argon2 = (memory: number, passes: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const nonce = crypto.randomBytes(16);
    const parameters = { message: PASSWORD, nonce, memory, passes, parallelism: 1, tagLength: 32 };
    crypto.argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });

const bar = (ms: number): string => `${ms.toFixed(0).padStart(6)} ms  ${'#'.repeat(Math.ceil(ms / 10))}`;

/** What one guess costs an attacker, and one login the server. */
const printCosts = async (): Promise<void> => {
  console.log(`\nOne hash: what a guess costs, median of ${SAMPLES}`);
  for (const cost of [8, 9, 10, 11, 12])
    console.log(`bcrypt, cost ${cost}`.padEnd(26) + bar(await timeOf(() => bcrypt.hash(PASSWORD, cost))));
  for (const [memoryMib, passes] of [
    [7, 5],
    [19, 1],
    [19, 2],
    [19, 4],
    [46, 1],
    [64, 3],
  ] as const) {
    const name = `argon2id, ${memoryMib} MiB, ${passes} ${passes === 1 ? 'pass' : 'passes'}`;
    console.log(name.padEnd(26) + bar(await timeOf(() => argon2(memoryMib * 1024, passes))));
  }
};

const statusOf = (url: string, agent: Agent, body?: object): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request(url, { agent, ...(body && { method: 'POST', headers }) }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject).end(body && JSON.stringify(body));
  });

/** The p99 of the server's event loop since the last call, in milliseconds. */
const loopLagOf = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds ([\d.e-]+)$/m.exec(text)?.[1] ?? Number.NaN) * 1000;
};

const flood = async (url: string): Promise<Map<number, number>> => {
  const agent = new Agent({ maxSockets: LOGINS });
  const body = { email: 'demo-alice@example.com', password: PASSWORD };
  const statuses = await Promise.all(
    Array.from({ length: LOGINS }, () => statusOf(`${url}/sessions`, agent, body)),
  );
  agent.destroy();
  return new Map([...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]));
};

/** Asks for another route over and over; returns the times, and how many were not answered with 200. */
const probe = (url: string) => {
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  let failed = 0;
  let isOver = false;
  const running = (async () => {
    while (!isOver) {
      const startedAtMs = performance.now();
      if ((await statusOf(`${url}/.well-known/jwks.json`, agent)) !== 200) failed += 1;
      times.push(performance.now() - startedAtMs);
      await sleep(20);
    }
  })();
  return async () => {
    isOver = true;
    await running;
    agent.destroy();
    times.sort((left, right) => left - right);
    const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
    return `${times.length} requests of another route: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${failed} failed`;
  };
};

const printFlood = async (HASH_QUEUE: string): Promise<void> => {
  const unlimited = { LOGIN_ADDRESS_CAPACITY: '1000000', LOGIN_CLIENT_CAPACITY: '1000000' };
  const env = {
    ...productionSettings,
    ...unlimited,
    ...{ HASH_QUEUE, SEED_ACCOUNTS: 'on', PUBLIC_METRICS: 'on', REQUEST_DEADLINE_MS: '600000' },
    DATABASE_URL: await createDatabase('sqlite'),
  };
  // On all cores: hashing beside the main thread is the point.
  const server = await startServer('src/server.ts', join(ROOT, 'slices/accounts'), env, 'any');
  const agent = new Agent();
  for (let index = 0; index < 20; index += 1)
    await statusOf(`${server.url}/sessions`, agent, { email: 'nobody@example.com', password: PASSWORD });
  const memory = watchMemory(server.pid, MOST_RESIDENT_MB);
  const before = memory.currentMb();
  await loopLagOf(server.url);
  const endProbe = probe(server.url);
  const startedAtMs = performance.now();
  const statuses = await flood(server.url);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const lag = await loopLagOf(server.url);
  const answers = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
  console.log(`\n${LOGINS} logins at once, HASH_QUEUE=${HASH_QUEUE}: ${answers}, in ${seconds.toFixed(1)} s`);
  console.log(`  event loop p99 ${lag.toFixed(1)} ms (aim: under ${mostLoopMs} ms)`);
  console.log(`  ${await endProbe()}`);
  console.log(`  memory ${before} MB before, at most ${memory.stop().peakMb} MB during`);
  await server.stop();
};

/** What hashing costs, and what a flood of logins costs everyone else. */
export const benchAccounts = async (): Promise<void> => {
  console.log('Accounts: one server process on all cores, SQLite, Argon2id at 19 MiB and 2 passes');
  await printFlood('100');
  await printFlood('2000');
  await printCosts();
};
