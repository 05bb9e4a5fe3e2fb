import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Kills it with SIGKILL, like the kernel when memory runs out; resolves when it has ended. */
  readonly kill: () => Promise<void>;
}

export interface ServerLaunch {
  /** Settings in addition to those of a test server. */
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** A command that runs the server, such as a tracer with its options. */
  readonly under?: readonly string[];
  /** Kills the server when aborted, even before it listens. */
  readonly signal?: AbortSignal;
}

const listening = z.looseObject({ msg: z.literal('listening'), url: z.url() });

const urlOf = (line: string): string | undefined => listening.safeParse(JSON.parse(line)).data?.url;

/** Starts a launcher in a new process; resolves when it listens. The process is killed after the test. */
export const startServerProcess = async (
  launcher: URL,
  { env = {}, args = [], under = [], signal }: ServerLaunch = {},
): Promise<ServerProcess> => {
  const [command = '', ...rest] = [...under, process.execPath, fileURLToPath(launcher), ...args];
  const child = spawn(command, rest, {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: join(tmpdir(), 'lab-compile-cache'),
      APP_ENV: 'test',
      PORT: '0',
      ...env,
    },
    // A separate process group, so that a tracer and the traced process end together.
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, 'SIGKILL');
    }
    await exited;
  };
  onTestFinished(kill);
  signal?.addEventListener('abort', () => void kill());
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const url = urlOf(line);
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, child, kill };
  }
  throw new Error('the server ended without listening');
};
