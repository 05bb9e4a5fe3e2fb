import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '#src/observability/health.ts';
import { contextOf } from '../app/request-context.ts';
import { isEventStream } from '../route/server-sent-events.ts';

export interface ShutdownOptions {
  /** How long the server keeps accepting requests while its readiness is 503, so that load balancers notice. */
  readonly drainDelayMs: number;
  /** How long requests in progress may take after that. */
  readonly timeoutMs: number;
}

/** Stops a server: `clean` if every request in progress was answered, `cut` if the deadline came first. */
export type Shutdown = () => Promise<'clean' | 'cut'>;

const pollMs = 20;

/** An event stream has no end of its own. Its client reconnects, to another process. */
const endEvents = (res: ServerResponse): void => {
  if (!res.headersSent || res.writableEnded || !isEventStream(res)) return;
  res.end();
  contextOf(res.req, res).abort(new Error('the server stops'));
};

/**
 * Drains in two steps. First, readiness is 503 and each response closes its connection, but the server still accepts
 * requests, so that load balancers can react without losing any. Then it stops listening, ends event streams and waits
 * for the other requests in progress. Node's own `close()` would also wait for connections without a request; those are
 * closed at once.
 */
export const createShutdown = (
  server: Server,
  health: Health,
  { drainDelayMs, timeoutMs }: ShutdownOptions,
): Shutdown => {
  const sockets = new Set<Socket>();
  const underWay = new Set<ServerResponse>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.prependListener('request', (_req, res) => {
    if (health.isDraining) res.setHeader('Connection', 'close');
    underWay.add(res);
    res.on('close', () => underWay.delete(res));
  });

  const closeIdle = (): void => {
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    for (const res of underWay) endEvents(res);
  };

  const quiet = async (withinMs: number): Promise<boolean> => {
    const deadlineMs = performance.now() + withinMs;
    while (underWay.size > 0 && performance.now() < deadlineMs) await sleep(pollMs);
    return underWay.size === 0;
  };

  return async () => {
    health.drain();
    for (const res of underWay) if (!res.headersSent) res.setHeader('Connection', 'close');
    await sleep(drainDelayMs);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const poll = setInterval(closeIdle, pollMs);
    closeIdle();
    const isClean = await quiet(timeoutMs);
    clearInterval(poll);
    server.closeAllConnections();
    await closed;
    // Requests that were cut off notice it, and write their log lines, after the server has closed.
    await quiet(1000);
    return isClean ? 'clean' : 'cut';
  };
};
