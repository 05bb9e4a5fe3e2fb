import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Health } from '../observability/health.ts';

/** Ends a server: `clean` when every request under way was answered, `cut` when the deadline came first. */
export type Shutdown = () => Promise<'clean' | 'cut'>;

const pollMs = 20;

/**
 * Draining in two steps. First the server reports 503 on its readiness and closes each connection behind its
 * answer, while it still accepts: load balancers notice, and requests already sent are not refused. That ends as
 * soon as nothing is under way, at the latest after half of the time. Then it stops listening and waits for the
 * rest. Node's own `close()` would wait on sockets that never sent a byte; those are ended at once.
 */
export const createShutdown = (server: Server, health: Health, timeoutMs: number): Shutdown => {
  const sockets = new Set<Socket>();
  const underWay = new Set<ServerResponse>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (_req, res) => {
    underWay.add(res);
    res.on('close', () => underWay.delete(res));
  });

  const closeIdle = (): void => {
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };

  const quiet = async (deadlineMs: number): Promise<boolean> => {
    while (underWay.size > 0 && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return underWay.size === 0;
  };

  return async () => {
    const startedAtMs = performance.now();
    health.drain();
    for (const res of underWay) if (!res.headersSent) res.setHeader('Connection', 'close');
    await quiet(startedAtMs + timeoutMs / 2);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const poll = setInterval(closeIdle, pollMs);
    closeIdle();
    const isClean = await quiet(startedAtMs + timeoutMs);
    clearInterval(poll);
    server.closeAllConnections();
    await closed;
    // Requests that were cut off learn of it, and write their log lines, behind the server.
    await quiet(performance.now() + timeoutMs);
    return isClean ? 'clean' : 'cut';
  };
};
