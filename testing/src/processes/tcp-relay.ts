import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What stands between a client and its server, and can fail as a network does. */
export interface TcpRelay {
  /** The server's URL by way of the relay. */
  readonly url: string;
  /** From now on nothing is passed on, and nobody is told. */
  readonly freeze: () => void;
  /** Breaks all connections, and each new one at once. */
  readonly cut: () => void;
  /** Serves new connections; those from before are broken. */
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
