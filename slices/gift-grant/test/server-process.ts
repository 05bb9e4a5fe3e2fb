import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

/** The launcher as it is shipped. */
const SHIPPED = new URL('../src/server.ts', import.meta.url);
/** A launcher of the same routes with a bug; its name comes as an argument. */
export const PLANTED = new URL('planted-server.ts', import.meta.url);

const listening = z.looseObject({ msg: z.literal('listening'), url: z.url() });

interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it at once, as the kernel does when memory runs out; resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

interface Launch {
  readonly launcher?: URL;
  readonly bug?: string;
  /** A command that runs the server, such as a tracer with its options. */
  readonly under?: readonly string[];
}

const urlOf = (line: string): string | undefined => {
  const { data } = listening.safeParse(JSON.parse(line));
  return data?.url;
};

/** Starts a server in a process of its own; resolves once it listens. It is killed after the test at the latest. */
export const startServer = async (
  databaseUrl: string,
  { launcher = SHIPPED, bug = '', under = [] }: Launch = {},
): Promise<ServerProcess> => {
  const [command = '', ...args] = [...under, process.execPath, fileURLToPath(launcher), bug];
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: join(tmpdir(), 'lab-compile-cache'),
    APP_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
  };
  // A group of its own, so that a tracer and what it traces end together.
  const child = spawn(command, args, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await exited;
  };
  onTestFinished(kill);
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const url = urlOf(line);
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, child, kill };
  }
  throw new Error('the server ended without listening');
};
