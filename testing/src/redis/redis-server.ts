import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A Redis server of the test's own, to be killed and started again. It stores nothing. */
export interface RedisServer {
  readonly url: string;
  readonly start: () => Promise<void>;
  /** Ends it with SIGKILL; its data is gone. */
  readonly kill: () => Promise<void>;
}

const START_MS = 10_000;

/** Whether the command `redis-server` is installed. */
export const hasRedisServer = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
};

/** Whether something accepts TCP connections there. */
export const accepts = async (host: string, port: number): Promise<boolean> => {
  const socket = createConnection({ host, port, timeout: 1000 });
  socket.on('timeout', () => socket.destroy(new Error('no connection in time')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Starts a Redis server on a free port of this machine, until the test ends. */
export const startRedisServer = async (): Promise<RedisServer> => {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const start = async (): Promise<void> => {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    child = spawn('redis-server', options, { stdio: 'ignore' });
    const deadline = performance.now() + START_MS;
    while (!(await accepts('127.0.0.1', port))) {
      if (performance.now() > deadline || child.exitCode !== null)
        throw new Error(`redis-server did not start on port ${port}`);
      await wait(20);
    }
  };
  onTestFinished(kill);
  await start();
  return { url: `redis://127.0.0.1:${port}`, start, kill };
};
