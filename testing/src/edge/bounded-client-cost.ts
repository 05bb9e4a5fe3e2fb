import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { residentMebibytes } from '../processes/resident-memory.ts';
import { type ServerLaunch, startServerProcess } from '../processes/server-process.ts';
import { known, message } from './edge-case.ts';

interface ClientCostOptions extends ServerLaunch {
  /** The paths whose responses the clients never read (default `/openapi.json`). */
  readonly targets?: readonly string[];
}

const connections = 12;
const requestsEach = 800;
const mostMebibytes = 100;
const rounds = 60;

const pipeline = (target: string, count: number): string =>
  Array.from({ length: count }, (_, index) => message(`GET ${target}`, [`X-Request-Id: n${index}`])).join('');

const open = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
};

/** The ids of the responses to pipelined requests, in order, read as fast as they arrive. */
const readPipelined = async (port: number, target: string, count: number): Promise<readonly string[]> => {
  const socket = await open(port);
  socket.write(pipeline(target, count));
  const ids: string[] = [];
  let tail = '';
  for await (const chunk of socket) {
    const pieces = (tail + chunk.toString('latin1')).split('\r\nX-Request-Id: ');
    tail = `${pieces.length > 1 ? '\r\nX-Request-Id: ' : ''}${pieces.at(-1)}`;
    for (const piece of pieces.slice(1, -1)) ids.push(piece.slice(0, piece.indexOf('\r')));
    if (ids.length === count - 1) break;
    // The id of the last response, and perhaps the start of the next `X-Request-Id`.
    if (tail.length > 400) tail = tail.slice(0, 200) + tail.slice(-200);
  }
  return ids;
};

/** Requests the liveness repeatedly; collects the statuses and the peak memory. */
const watch = async (url: string, pid: number | undefined) => {
  const statuses = new Set<number>();
  let most = 0;
  for (let round = 0; round < rounds; round += 1) {
    statuses.add((await fetch(`${url}${known}`)).status);
    most = Math.max(most, await residentMebibytes(pid));
  }
  return { statuses: [...statuses], most };
};

/**
 * Tests that start a server and send it 800 requests on each of 12 connections without reading a response:
 * `boundedClientCost(new URL('../src/server.ts', import.meta.url))`. The server's memory must not grow by more than
 * 100 MiB, and it must keep answering other clients.
 */
export const boundedClientCost = (
  launcher: URL,
  { targets = ['/openapi.json'], ...launch }: ClientCostOptions = {},
): void => {
  const env = { DATABASE_URL: 'sqlite::memory:', SEED_PRODUCTS: '200', ...launch.env };

  test.each(targets)(
    'clients that read no answer to GET %s cost little',
    { timeout: 120_000 },
    async (target) => {
      const { url, child } = await startServerProcess(launcher, { ...launch, env });
      const port = Number(new URL(url).port);
      const ids = await readPipelined(port, target, requestsEach);
      expect(ids).toEqual(Array.from({ length: requestsEach - 1 }, (_, index) => `n${index}`));

      // The heap grows with the first requests. What is measured is how much unread responses add.
      await Promise.all(Array.from({ length: connections }, () => readPipelined(port, target, 100)));
      const before = await residentMebibytes(child.pid);
      const attackers = await Promise.all(Array.from({ length: connections }, () => open(port)));
      for (const socket of attackers) socket.pause().write(pipeline(target, requestsEach));
      const { statuses, most } = await watch(url, child.pid);
      expect(statuses).toEqual([200]);
      expect(most - before).toBeLessThan(mostMebibytes);
    },
  );
};
