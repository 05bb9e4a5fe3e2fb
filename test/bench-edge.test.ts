import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { type Attacks, attackReport } from '../lab/bench/edge-order.ts';
import { watchMemory } from '../lab/bench/resident-memory.ts';
import { ROOT } from '../lab/workspace.ts';

/** A listener that accepts all bytes and never responds. */
const startListener = async () => {
  const sockets: Socket[] = [];
  const received = new Map<Socket, string>();
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => received.set(socket, `${received.get(socket) ?? ''}${chunk}`.slice(0, 100)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return { url, sockets, received };
};

/** Starts the attack, waits until all connections were attempted, and ends it. */
const attack = async (url: string, attacks: Attacks) => {
  const script = join(ROOT, 'lab/bench/edge-attack.ts');
  const child = spawn(process.execPath, [script, JSON.stringify({ url, attacks })]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = once(output, 'close');
  await once(output, 'line');
  return async () => {
    child.kill('SIGTERM');
    await ended;
    return attackReport.parse(JSON.parse(lines.at(-1) ?? ''));
  };
};

test('an attack holds the requested number of connections of each kind', async () => {
  const { url, sockets, received } = await startListener();
  const end = await attack(url, { idle: 5, slow: 4, unread: 2 });
  await expect.poll(() => received.size).toBe(11);
  const asked = [...received.values()].map((text) => text.split(' ', 2).join(' '));
  const countOf = (start: string) => asked.filter((text) => text === start).length;
  expect(countOf('GET /health/live')).toBe(5);
  expect(countOf('GET /openapi.json')).toBe(2);
  expect(countOf('POST /echo')).toBe(2);
  expect(sockets).toHaveLength(11);
  expect(await end()).toMatchObject({ opened: 11, refused: 0, closedByServer: 0 });
});

test('connections that the server closes are counted and opened again', async () => {
  const { url, sockets } = await startListener();
  const end = await attack(url, { idle: 3 });
  await expect.poll(() => sockets.length).toBe(3);
  sockets[0]?.destroy();
  await expect.poll(() => sockets.length, { timeout: 10_000 }).toBe(4);
  expect(await end()).toMatchObject({ opened: 4, closedByServer: 1 });
});

test.runIf(process.platform === 'linux')('a process that grows beyond its limit is killed', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  const exited = once(child, 'exit');
  const memory = watchMemory(child.pid ?? 0, 5);
  expect(await exited).toEqual([null, 'SIGKILL']);
  expect(memory.stop().fate).toBe('grew beyond 5 MB and was killed');
});
