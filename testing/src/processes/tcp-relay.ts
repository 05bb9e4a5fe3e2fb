import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP relay between a client and its server that can fail like a network. */
export interface TcpRelay {
  /** The server's URL through the relay. */
  readonly url: string;
  /** Stops forwarding without closing any connection. */
  readonly freeze: () => void;
  /** Closes all connections, and each new one at once. */
  readonly cut: () => void;
  /** Serves new connections again. Earlier ones stay closed. */
  readonly restore: () => void;
}

/** Relays TCP to the host and port of a URL, until the test ends. */
export const openTcpRelay = async (serverUrl: string): Promise<TcpRelay> => {
  const url = new URL(serverUrl);
  const target = { host: url.hostname, port: Number(url.port) };
  const sockets = new Set<Socket>();
  let state: 'passing' | 'frozen' | 'cut' = 'passing';

  const pass = (from: Socket, to: Socket): void => {
    sockets.add(from);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on('data', (bytes) => {
      if (state === 'passing') to.write(bytes);
    });
  };
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const relay = createServer((client) => {
    if (state === 'cut') return void client.destroy();
    const server = createConnection(target);
    pass(client, server);
    pass(server, client);
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
    restore: () => become('passing'),
  };
};
