import { createServer, type RequestListener, type Server } from 'node:http';
import type { Logger } from 'pino';
import { awaitContinue } from '../body/read-bytes.ts';
import { answerBrokenClients } from './broken-clients.ts';
import { gate } from './connection-gate.ts';

export interface HttpServerOptions {
  /** Base URL of links in problems. */
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Longest time that a client may go without reading any of a response, in milliseconds (default 30,000). */
  readonly writeTimeoutMs?: number;
  /** Longest time until the response begins, in milliseconds (default 30,000). */
  readonly requestDeadlineMs?: number;
  /** Most connections at once (default 10,000). Others are closed. */
  readonly maxConnections?: number;
}

/**
 * A Node server with a limit on every wait for a client and on the memory of its connections. Requests without `Host`
 * and with unknown expectations go to the listener, because Node would answer them itself, without ids or a problem
 * document.
 */
export const createHttpServer = (listener: RequestListener, options: HttpServerOptions): Server => {
  const { writeTimeoutMs = 30_000, maxConnections = 10_000, requestDeadlineMs = 30_000 } = options;
  const server = createServer({
    headersTimeout: 10_000,
    // A body that a route waits for may take as long as the request.
    requestTimeout: Math.max(30_000, requestDeadlineMs),
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
    requireHostHeader: false,
  });
  gate(server, listener, { writeTimeoutMs });
  server.maxConnections = maxConnections;
  // By default Node silently drops headers beyond a number. `maxHeaderSize` limits them already.
  server.maxHeadersCount = 0;
  // `100 Continue` is sent when the body is read, and never for a refused request.
  server.on('checkContinue', (req, res) => {
    awaitContinue(req);
    server.emit('request', req, res);
  });
  // Expectations other than 100-continue may be ignored (RFC 9110, section 10.1.1).
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  answerBrokenClients(server, options);
  return server;
};
