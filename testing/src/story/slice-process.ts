import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A slice's server in a separate process. */
export interface SliceProcess {
  readonly url: string;
  /** Stops it with a signal; resolves with its log. */
  readonly stop: () => Promise<string>;
}

const listening = z.looseObject({ msg: z.literal('listening'), url: z.url() });

/** Starts a launcher on a free port; resolves when it listens, rejects if it ends before that. */
export const startSlice = async (launcher: URL, env: NodeJS.ProcessEnv = {}): Promise<SliceProcess> => {
  const child = spawn(process.execPath, [fileURLToPath(launcher)], {
    env: { PATH: process.env.PATH, APP_ENV: 'test', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line);
    const { data } = line.includes('"listening"') ? listening.safeParse(JSON.parse(line)) : {};
    if (data) resolve(data.url);
  });
  child.once('close', () => reject(new Error('the server ended before it was listening')));
  const url = new URL(await promise).origin;
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      return lines.join('\n');
    },
  };
};
