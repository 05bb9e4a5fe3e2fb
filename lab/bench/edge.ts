import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../workspace.ts';
import { createDatabase } from './databases.ts';
import {
  type AttackReport,
  type Attacks,
  attackReport,
  type ProbeReport,
  probeReport,
} from './edge-order.ts';
import { atEnd } from './leftovers.ts';
import { productionSettings } from './production-settings.ts';
import { watchMemory } from './resident-memory.ts';
import { nodeOn, type ServerProcess, startServer } from './server-process.ts';

const paths = ['/health/live', '/products?limit=20'];
const QUIET_SECONDS = 3;
const ATTACK_SECONDS = 10;
const RECOVERY_SECONDS = 5;
const LONGEST_OPENING_MS = 20_000;
/** Enough for the connections of attacker and server. */
const LEAST_OPEN_FILES = 8192;
/** A server that grows beyond this is killed, before it uses up the machine's memory. */
const MOST_RESIDENT_MB = 2000;

interface Scenario {
  readonly name: string;
  readonly attacks: Attacks;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  idle: { name: '2,000 idle connections', attacks: { idle: 2000 } },
  slow: { name: '500 slow connections', attacks: { slow: 500 } },
  reconnects: { name: '1,000 reconnects a second', attacks: { reconnects: 1000 } },
  unread: { name: '100 connections that never read', attacks: { unread: 100 } },
  all: { name: 'all of them at once', attacks: { idle: 2000, slow: 500, unread: 100, reconnects: 1000 } },
};

/** Node raises the soft limit to the hard limit, and child processes inherit it. */
const verifyOpenFiles = (): void => {
  if (!existsSync('/proc/self/limits')) return;
  const [, limit = ''] =
    /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  if (Number(limit) < LEAST_OPEN_FILES)
    throw new Error(
      `at most ${limit} files can be open; the benchmark needs ${LEAST_OPEN_FILES}: ulimit -Hn`,
    );
};

const probe = async (url: string, seconds: number): Promise<ProbeReport> => {
  const order = JSON.stringify({ url, paths, seconds });
  const [command, args] = nodeOn('load', [join(import.meta.dirname, 'edge-probe.ts'), order]);
  const probing = promisify(execFile)(command, args);
  const stop = atEnd(() => probing.child.kill());
  const { stdout } = await probing.finally(stop);
  return probeReport.parse(JSON.parse(stdout));
};

/** Starts the attack and waits until it is running. The returned function ends it. */
const attack = async (url: string, attacks: Attacks): Promise<() => Promise<AttackReport>> => {
  const order = JSON.stringify({ url, attacks });
  const [command, args] = nodeOn('load', [join(import.meta.dirname, 'edge-attack.ts'), order]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const kill = atEnd(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = once(output, 'close');
  await Promise.race([once(output, 'line'), sleep(LONGEST_OPENING_MS)]);
  return async () => {
    child.kill('SIGTERM');
    await ended;
    kill();
    return attackReport.parse(JSON.parse(lines.at(-1) ?? ''));
  };
};

const describeProbe = (when: string, reports: ProbeReport): string =>
  [
    `  ${when.padEnd(8)}`,
    ...reports.map(({ path, sent, failed, p50Ms, p99Ms }) => {
      if (failed === sent) return `${path} all of ${sent} failed`.padEnd(52);
      const latency = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
      return `${path} ${latency}${failed > 0 ? `, ${failed} of ${sent} failed` : ''}`.padEnd(52);
    }),
  ]
    .join('  ')
    .trimEnd();

const startDemo = async (): Promise<ServerProcess> =>
  startServer('src/server.ts', join(ROOT, 'combined-demo'), {
    ...productionSettings,
    DATABASE_URL: await createDatabase('sqlite'),
    // The OpenAPI document is the largest response that anyone may request.
    PUBLIC_DOCS: 'on',
  });

const measure = async ({ name, attacks }: Scenario): Promise<void> => {
  const server = await startDemo();
  const memory = watchMemory(server.pid, MOST_RESIDENT_MB);
  console.log(`\n${name}`);
  // Warms up: the first responses come from code that is not compiled yet.
  await probe(server.url, 1);
  console.log(describeProbe('before', await probe(server.url, QUIET_SECONDS)));
  const before = memory.currentMb();
  const end = await attack(server.url, attacks);
  console.log(describeProbe('during', await probe(server.url, ATTACK_SECONDS)));
  const { opened, refused, closedByServer, bytesSent } = await end();
  await sleep(RECOVERY_SECONDS * 1000);
  const after = memory.currentMb();
  console.log(describeProbe('after', await probe(server.url, QUIET_SECONDS)));
  const sent = bytesSent > 0 ? `, ${(bytesSent / 1e6).toFixed(1)} MB of requests` : '';
  console.log(
    `  attack    ${opened} connections opened, ${refused} refused, ${closedByServer} ended by the server${sent}`,
  );
  const end_ = memory.stop();
  console.log(
    `  memory    ${before} MB before, at most ${end_.peakMb} MB during, ${after} MB ${RECOVERY_SECONDS} s after`,
  );
  if (end_.fate !== undefined) console.log(`  the server ${end_.fate}`);
  await server.stop();
};

/** What misbehaving clients cost others: latency and memory of the combined demo before, during and after an attack. */
export const benchEdge = async (): Promise<void> => {
  verifyOpenFiles();
  console.log(
    'The edge: combined-demo on one core; each path requested every 20 ms, each time on a new connection',
  );
  // `attack=unread` runs one of them.
  const { attack: only } = process.env;
  for (const [key, scenario] of Object.entries(scenarios)) {
    if (only === undefined || only === key) await measure(scenario);
  }
};
