import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createHttpServer } from '@lab/shared/http';
import { describe, expect, test, vi } from 'vitest';
import { type GateOptions, gate } from '#src/http/server/connection-gate.ts';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { openServer, openSocket, readUntil } from './fixtures/open-server.ts';

const { logger } = createCapturedLogger();
const shipped = { publicUrl: 'http://lab.test', logger };

const shortest = 'GET / HTTP/1.1\r\n\r\n';
const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `GET /${index} HTTP/1.1\r\n\r\n`).join('');

/** Node reads 64 KiB at a time. */
const mostPerRead = Math.ceil(65_536 / shortest.length);

const gated = (listener: RequestListener, options: Partial<GateOptions> = {}) => {
  const server = createServer({ requireHostHeader: false });
  gate(server, listener, { writeTimeoutMs: 30_000, ...options });
  return server;
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('pipelined requests', () => {
  test('are answered one at a time, all of them and in order', async () => {
    let inWork = 0;
    let most = 0;
    const server = createHttpServer(async (req, res) => {
      inWork += 1;
      most = Math.max(most, inWork);
      await nextTurn();
      inWork -= 1;
      res.end(`<${req.url}>`);
    }, shipped);
    const socket = await openSocket(await openServer(server));
    socket.write(numbered(1600));
    const answers = await readUntil(socket, '\r\n\r\n<', 1600);
    expect([...answers.matchAll(/<\/(\d+)>/g)].map(([, index]) => Number(index))).toEqual([
      ...Array(1600).keys(),
    ]);
    expect(most).toBe(1);
  });

  test.each([
    ['without bodies', shortest],
    ['with bodies', 'POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx'],
  ])('%s: what waits is bounded while the first is in work', async (_name, request) => {
    let parsed = 0;
    const first = Promise.withResolvers<void>();
    const server = createHttpServer(async (req) => {
      for await (const _chunk of req);
      first.resolve();
    }, shipped);
    server.prependListener('request', () => {
      parsed += 1;
    });
    const socket = await openSocket(await openServer(server));
    socket.write(request.repeat(40_000));
    await first.promise;
    const before = parsed;
    for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    expect(before).toBeGreaterThan(0);
    expect(parsed).toBeLessThanOrEqual(2 * mostPerRead);
  });

  test('far more than may wait are all answered to a client that reads', async () => {
    const server = createHttpServer((_req, res) => void res.end('.'), shipped);
    const socket = await openSocket(await openServer(server));
    socket.write(shortest.repeat(20_000));
    await readUntil(socket, '\r\n\r\n.', 20_000);
  });

  test('of one connection leave their turn to another after each answer', async () => {
    let answered = 0;
    const port = Promise.withResolvers<number>();
    const other = port.promise.then(openSocket);
    const server = gated(async (req, res) => {
      const isOther = req.url === '/other';
      if (!isOther) answered += 1;
      res.end(isOther ? `after ${answered}!` : '.');
      if (answered === 1) (await other).write('GET /other HTTP/1.1\r\n\r\n');
    });
    port.resolve(await openServer(server));
    const socket = await openSocket(await port.promise);
    await other;
    socket.resume().write(numbered(1000));
    const answer = await readUntil(await other, '!', 1);
    expect(Number(/after (\d+)!/.exec(answer)?.[1])).toBeLessThan(500);
  });

  test('are not begun behind an answer that closes the connection', async () => {
    const begun: string[] = [];
    const server = gated(async (req, res) => {
      begun.push(req.url ?? '');
      await nextTurn();
      res.writeHead(200, { Connection: 'close' }).end();
    });
    const socket = await openSocket(await openServer(server));
    socket.resume().write(numbered(3));
    await once(socket, 'close');
    expect(begun).toEqual(['/0']);
  });
});

describe('too many waiting requests', () => {
  test('end the connection with most of them, again and again, and no other', async () => {
    const held: (() => void)[] = [];
    const server = gated((_req, res) => void held.push(() => res.end('.')), { waitingRequests: 50 });
    const port = await openServer(server);
    const modest = await openSocket(port);
    modest.write(numbered(11));
    for (let round = 0; round < 5; round += 1) {
      const greedy = await openSocket(port);
      greedy.resume().write(numbered(200));
      await once(greedy, 'close');
    }
    const answers = readUntil(modest, '\r\n\r\n.', 11);
    const release = setInterval(() => {
      for (const answer of held.splice(0)) answer();
    }, 1);
    await answers;
    clearInterval(release);
  });
});

describe('answers that nobody takes', () => {
  const large = Buffer.alloc(16_777_216);

  test('end their connection after the time for writing, whatever the client sends meanwhile', async () => {
    const server = createHttpServer((_req, res) => void res.end(large), { ...shipped, writeTimeoutMs: 300 });
    const closed = Promise.withResolvers<void>();
    server.on('connection', (socket) => socket.once('close', () => closed.resolve()));
    const socket = await openSocket(await openServer(server));
    socket.pause().write(`${shortest}GET / HTTP/1.1\r\n`);
    const trickle = setInterval(() => socket.write('X: y\r\n'), 20);
    await closed.promise;
    clearInterval(trickle);
  });

  test('end the oldest connections where they hold too much', async () => {
    const server = gated((_req, res) => void res.end(large), { untakenBytes: 2.5 * large.length });
    const ended: number[] = [];
    let connections = 0;
    server.on('connection', (socket) => {
      const index = connections++;
      socket.once('close', () => ended.push(index));
    });
    const port = await openServer(server);
    const handled = () => once(server, 'request');
    for (let index = 0; index < 4; index += 1) {
      const request = handled();
      (await openSocket(port)).pause().write(shortest);
      await request;
    }
    await expect.poll(() => ended).toEqual([0, 1]);
  });
});

test('connections beyond the most are closed', async () => {
  const server = createHttpServer((_req, res) => void res.end('.'), { ...shipped, maxConnections: 2 });
  const port = await openServer(server);
  const [first] = [await openSocket(port), await openSocket(port)];
  await once((await openSocket(port)).resume(), 'close');
  first.write(shortest);
  await readUntil(first, '\r\n\r\n.', 1);
});

describe('a burst of requests on many connections', () => {
  const CONNECTIONS = 300;

  /** The most requests that start in one turn of the event loop, when each connection has sent one. */
  const mostInATurn = async (options: Partial<GateOptions>): Promise<number> => {
    let turn = 0;
    let isOver = false;
    const count = (): void => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    const started = new Map<number, number>();
    const server = gated((_req, res) => {
      started.set(turn, (started.get(turn) ?? 0) + 1);
      res.end('.');
    }, options);
    let accepted = 0;
    server.on('connection', () => {
      accepted += 1;
    });
    const port = await openServer(server);
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => openSocket(port)));
    // Connections are accepted one in each turn. What is sent before that waits for it.
    await vi.waitFor(() => expect(accepted).toBe(CONNECTIONS));
    for (const socket of sockets) socket.write(shortest);
    await Promise.all(sockets.map((socket) => readUntil(socket, '\r\n\r\n.', 1)));
    isOver = true;
    return Math.max(...started.values());
  };

  test('starts a few in each turn of the event loop, and is answered', async () => {
    expect(await mostInATurn({})).toBeLessThanOrEqual(32);
  });

  test('(detector) sees that all start at once without the bound', async () => {
    expect(await mostInATurn({ requestsPerTurn: CONNECTIONS })).toBeGreaterThan(32);
  });
});
