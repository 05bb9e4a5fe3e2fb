import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** How a line is worse than it should be. */
interface LineFaults {
  /** Added to each piece of data, in each direction, in milliseconds. */
  readonly latencyMs?: number;
  /** What gets through in each direction of a connection. */
  readonly bytesPerSecond?: number;
  /** Each connection is reset when the server has sent this many bytes over it. */
  readonly cutAfterBytes?: number;
}

/** A TCP relay between a client and its server that can fail like a network. */
export interface TcpRelay {
  /** The server's URL through the relay. */
  readonly url: string;
  /** Stops forwarding without closing any connection. */
  readonly freeze: () => void;
  /** Closes all connections, and each new one at once. */
  readonly cut: () => void;
  /** Resets all connections. New ones are served. */
  readonly reset: () => void;
  /** Makes all lines as bad as this from now on; `{}` makes them good again. */
  readonly worsen: (faults: LineFaults) => void;
  /** Serves new connections again. Earlier ones stay closed. */
  readonly restore: () => void;
}

/** Relays TCP to the host and port of a URL, until the test ends. */
export const openTcpRelay = async (serverUrl: string): Promise<TcpRelay> => {
  const url = new URL(serverUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let state: 'passing' | 'frozen' | 'cut' = 'passing';
  let faults: LineFaults = {};

  /** Resolves when the bytes have come through a slow line. */
  const travel = async (from: Socket, { length }: Buffer): Promise<void> => {
    const { latencyMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = faults;
    from.pause();
    await wait(latencyMs + (1000 * length) / bytesPerSecond);
    from.resume();
  };

  const pass = (from: Socket, to: Socket, cutAfter: () => number): void => {
    let passed = 0;
    let underWay = Promise.resolve();
    sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      // What has left one side arrives at the other, however slow the line is.
      void underWay.then(() => to.destroySoon());
    });
    const deliver = async (bytes: Buffer): Promise<void> => {
      if (faults.latencyMs !== undefined || faults.bytesPerSecond !== undefined) await travel(from, bytes);
      const left = cutAfter() - passed;
      passed += bytes.length;
      to.write(bytes.subarray(0, left));
      if (left <= bytes.length) for (const socket of [from, to]) socket.resetAndDestroy();
    };
    from.on('data', (bytes) => {
      if (state === 'passing') underWay = underWay.then(() => deliver(bytes));
    });
  };
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const relay = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const server = createConnection(target);
    pass(client, server, () => Number.POSITIVE_INFINITY);
    pass(server, client, () => faults.cutAfterBytes ?? Number.POSITIVE_INFINITY);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => {
    breakAll();
    relay.close();
  });
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  url.host = `127.0.0.1:${address.port}`;

  const become = (next: typeof state): void => {
    state = next;
    if (next !== 'frozen') breakAll();
  };
  return {
    url: url.href,
    freeze: () => become('frozen'),
    cut: () => become('cut'),
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    worsen: (next) => {
      faults = next;
    },
    restore: () => become('passing'),
  };
};
