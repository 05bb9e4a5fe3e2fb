import { createServer, type RequestListener, type Server } from 'node:http';
import type { Logger } from 'pino';
import { awaitContinue } from '../body/read-bytes.ts';
import { answerBrokenClients } from './broken-clients.ts';
import { gate } from './connection-gate.ts';

export interface HttpServerOptions {
  /** Base of the links in problems. */
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Longest time that a client may take nothing of an answer, in milliseconds (default 30,000). */
  readonly writeTimeoutMs?: number;
  /** Connections at once; further ones are closed (default 10,000). */
  readonly maxConnections?: number;
}

/**
 * A Node server whose every wait on a client has an end and whose connections hold only so much. What Node would answer
 * by itself, without ids and problem, goes to the listener: requests without `Host` and unknown expectations.
 */
export const createHttpServer = (listener: RequestListener, options: HttpServerOptions): Server => {
  const { writeTimeoutMs = 30_000, maxConnections = 10_000 } = options;
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
    requireHostHeader: false,
  });
  gate(server, listener, { writeTimeoutMs });
  server.maxConnections = maxConnections;
  // Beyond a number of headers Node drops the rest unseen; `maxHeaderSize` bounds them already.
  server.maxHeadersCount = 0;
  // Whoever reads the body sends `100 Continue`; whoever refuses the request does not.
  server.on('checkContinue', (req, res) => {
    awaitContinue(req);
    server.emit('request', req, res);
  });
  // RFC 9110, section 10.1.1: expectations other than 100-continue may be passed over.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  answerBrokenClients(server, options);
  return server;
};
