/**
 * A Postgres server for one test run, on a free port and with its data in a temporary folder. A guard process holds the
 * other end of a pipe. When the pipe closes, because the run has ended, failed or been killed, the guard stops the
 * server and removes the folder. fsync stays on, because tests of durability use the server.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  findBinaries,
  handOver,
  type PostgresBinaries,
  type RunAs,
  unprivileged,
} from './postgres-binaries.ts';

export interface PostgresServer {
  /** For the superuser, on the database `postgres`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

// $1 is the folder, the rest is the command. SIGINT is Postgres's fast shutdown. The pipe moves to file descriptor 3,
// because the standard input of a background job in sh is /dev/null.
const GUARD = `
folder=$1; shift
exec 3<&0
"$@" 3<&- >"$folder/log" 2>&1 & server=$!
{ read -r _ <&3; kill -INT "$server" 2>&-; } & pipe=$!
wait "$server"
touch "$folder/exited"
wait "$pipe"
cd / && rm -rf "$folder"
`;

const PASSWORD = 'postgres';
const START_TIMEOUT_MS = 30_000;

// A linguistic order, as in production, so that a test fails if text is not sorted by bytes.
const INITDB = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'];
const SETTINGS = [
  'max_connections=200',
  'wal_level=minimal',
  'max_wal_senders=0',
  'unix_socket_directories=',
];

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
};

const initialise = ({ initdb }: PostgresBinaries, folder: string, runAs: RunAs): void => {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  const data = `--pgdata=${join(folder, 'data')}`;
  const access = ['--username=postgres', '--auth=password', `--pwfile=${passwordFile}`];
  execFileSync(initdb, [data, '--no-sync', ...access, ...INITDB], { ...runAs, cwd: folder, stdio: 'pipe' });
};

const launch = ({ postgres }: PostgresBinaries, folder: string, port: number, runAs: RunAs) => {
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', ...SETTINGS].flatMap((s) => ['-c', s]);
  const command = [postgres, '-D', join(folder, 'data'), ...settings];
  // Detached, so that Ctrl-C ends only the tests, which then end the guard.
  return spawn('sh', ['-c', GUARD, 'postgres-guard', folder, ...command], {
    ...runAs,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
};

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

const untilReady = async (url: string, folder: string): Promise<void> => {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (existsSync(join(folder, 'exited'))) throw new Error('the server exited');
    if (performance.now() > deadline)
      throw new Error(`the server did not respond within ${START_TIMEOUT_MS} ms`);
    await sleep(20);
  }
};

const run = async (folder: string): Promise<PostgresServer> => {
  const runAs = unprivileged();
  const binaries = handOver(await findBinaries(), folder, runAs);
  initialise(binaries, folder, runAs);
  const port = await freePort();
  const guard = launch(binaries, folder, port, runAs);
  const exited = once(guard, 'exit');
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await untilReady(url, folder).catch(async (error: unknown) => {
    const log = readFileSync(join(folder, 'log'), 'utf8');
    await stop();
    throw new Error(`Postgres did not start:\n${log}`, { cause: error });
  });
  return { url, stop };
};

/** Starts a server. If it cannot run, rejects with Postgres's own message. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-postgres-'));
  try {
    return await run(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nSet TEST_DATABASE_URL to use a Postgres of your own.`, { cause: error });
  }
};
