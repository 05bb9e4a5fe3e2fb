import { connect, type Socket } from 'node:net';
import { type AttackReport, attackOrder } from './edge-order.ts';

/**
 * Attacks the server in the order, which is the first argument, until SIGTERM. Prints a line when all connections have
 * been attempted, and a report at the end.
 */
const { url, attacks } = attackOrder.parse(JSON.parse(process.argv[2] ?? ''));
const { hostname, port } = new URL(url);
const CONNECTIONS_AT_ONCE = 50;
const TICK_MS = 10;

const report: AttackReport = { opened: 0, refused: 0, closedByServer: 0, bytesSent: 0 };
let isStopping = false;
const sockets = new Set<Socket>();

/** Opens and counts a connection; resolves when it is open or refused. */
const open = (onOpen: (socket: Socket) => void, onClose: () => void): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let isOpen = false;
    sockets.add(socket);
    socket.once('connect', () => {
      isOpen = true;
      report.opened += 1;
      onOpen(socket);
      resolve();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (!isOpen) report.refused += 1;
      else if (!isStopping) report.closedByServer += 1;
      resolve();
      if (!isStopping) onClose();
    });
  });

/** Keeps `count` connections open. If the server closes one, it is opened again a second later. */
const hold = async (count: number, onOpen: (socket: Socket, index: number) => void): Promise<void> => {
  const keepOpen = (index: number): Promise<void> =>
    open(
      (socket) => onOpen(socket, index),
      () => setTimeout(() => isStopping || void keepOpen(index), 1000),
    );
  for (let index = 0; index < count; index += CONNECTIONS_AT_ONCE) {
    const batch = Math.min(CONNECTIONS_AT_ONCE, count - index);
    await Promise.all(Array.from({ length: batch }, (_, offset) => keepOpen(index + offset)));
  }
};

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;

/** Sends one request and then nothing more. */
const beIdle = (socket: Socket): void => {
  socket.resume().write(request('/health/live'));
};

const slowHead = `GET /products HTTP/1.1\r\nHost: ${hostname}\r\nX-Slow: ${'a'.repeat(10_000)}`;
const slowBody =
  `POST /echo HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
  `Content-Length: 10000\r\n\r\n{"message":"${'a'.repeat(9986)}"}`;

/** Sends one byte every half second: of the headers on every second connection, of the body on the others. */
const beSlow = (socket: Socket, index: number): void => {
  const text = index % 2 === 0 ? slowHead : slowBody;
  let sent = text.indexOf('\r\n\r\n') + 4;
  if (index % 2 === 0) sent = 20;
  socket.resume().write(text.slice(0, sent));
  const timer = setInterval(() => {
    socket.write(text.charAt(sent));
    sent += 1;
  }, 500);
  socket.once('close', () => clearInterval(timer));
};

/** Sends requests endlessly, as long as the server accepts them, and reads no responses. */
const neverRead = (socket: Socket): void => {
  const pipelined = request('/openapi.json').repeat(100);
  const send = (): void => {
    do report.bytesSent += pipelined.length;
    while (socket.write(pipelined));
  };
  socket.pause().on('drain', send);
  send();
};

/** Connects `perSecond` times a second, sends a request, reads the response and resets the connection. */
const reconnect = (perSecond: number): void => {
  const startedAtMs = performance.now();
  let started = 0;
  const timer = setInterval(() => {
    if (isStopping) clearInterval(timer);
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond);
    // If the server does not respond, connections pile up. While many are open, no new ones are started.
    for (; started < due; started += 1) {
      if (sockets.size > 5000) continue;
      void open(
        (socket) => {
          socket.write(request('/health/live'));
          socket.once('data', () => socket.resetAndDestroy());
        },
        () => undefined,
      );
    }
  }, TICK_MS);
};

// A connection on which nothing is read or written does not keep a process alive.
setInterval(() => undefined, 1000);
process.once('SIGTERM', () => {
  isStopping = true;
  console.log(JSON.stringify(report));
  for (const socket of sockets) socket.destroy();
  process.exit(0);
});

await hold(attacks.idle ?? 0, beIdle);
await hold(attacks.slow ?? 0, beSlow);
await hold(attacks.unread ?? 0, neverRead);
if (attacks.reconnects !== undefined) reconnect(attacks.reconnects);
console.log('under way');
