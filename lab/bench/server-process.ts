import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { atEnd, temporaryFolder } from './leftovers.ts';

/** A server under load, in a separate process that has its own core if `taskset` is installed. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  readonly logFile: string;
  /** User and system time so far, in milliseconds; undefined if the system does not report it. */
  readonly cpuMs: () => number | undefined;
  readonly stop: () => Promise<void>;
}

const serverCore = '0';
const loadCore = '1';
const clockTicksPerSecond = 100;
const isPinnable = existsSync('/usr/bin/taskset');

/** The command that runs Node on the core of the server, on that of the load, or on all of them. */
export const nodeOn = (core: 'server' | 'load' | 'any', args: readonly string[]): [string, string[]] =>
  isPinnable && core !== 'any'
    ? ['taskset', ['-c', core === 'server' ? serverCore : loadCore, process.execPath, ...args]]
    : [process.execPath, [...args]];

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address ? address.port : 0;
};

const cpuMsOf = ({ pid }: ChildProcess): number | undefined => {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond) * 1000;
};

const answers = async (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

// A first start may fill its database.
const mostWaitMs = 120_000;

/**
 * Starts `script` in `folder`, with its log in a file as in production, and waits until it responds. It is stopped at
 * the end at the latest.
 */
export const startServer = async (
  script: string,
  folder: string,
  env: Readonly<Record<string, string>>,
  core: 'server' | 'any' = 'server',
): Promise<ServerProcess> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [command, args] = nodeOn(core, [script]);
  const logFile = join(temporaryFolder(), 'server.log');
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production', DRAIN_DELAY_MS: '0', ...env, PORT: String(port) },
    stdio: ['ignore', openSync(logFile, 'w'), 'inherit'],
  });
  const stop = atEnd(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  const deadlineMs = performance.now() + mostWaitMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > deadlineMs)
      throw new Error(`${script} does not respond:\n${readFileSync(logFile, 'utf8')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, pid: child.pid ?? 0, logFile, cpuMs: () => cpuMsOf(child), stop };
};
