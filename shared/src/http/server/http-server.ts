import { randomUUIDv7 } from 'node:crypto';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { headersTooLarge, malformedRequest, requestTimeout } from '#src/problem/common-problems.ts';
import { ProblemError, type ProblemType, problemDocument } from '#src/problem/problem.ts';
import { instanceOf, problemType } from '../app/problem-handler.ts';
import { contextOf } from '../app/request-context.ts';
import { awaitContinue } from '../body/read-bytes.ts';
import { sendContent } from '../route/reply.ts';
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

const problemOf = (code: string | undefined): ProblemType => {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? requestTimeout : malformedRequest;
};

/** An answer to bytes that never became a request: there is no path and no route to speak of. */
const rawAnswer = (
  { code, status, title, explanation }: ProblemType,
  publicUrl: string,
  requestId: string,
): string => {
  const type = `${publicUrl}/problems/${code}`;
  const body = JSON.stringify({ type, title, status, detail: explanation, code, request_id: requestId });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${problemType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
};

/** Answers a request whose body broke; its ids and security headers are set already. */
const answerBrokenBody = (res: ServerResponse, type: ProblemType, publicUrl: string): void => {
  const { requestId } = contextOf(res.req, res);
  const instance = instanceOf({ originalUrl: res.req.url ?? '/' });
  const document = problemDocument(new ProblemError(type), { publicUrl, instance, requestId });
  sendContent(res, type.status, problemType, JSON.stringify(document), { Connection: 'close' });
};

/** Whatever breaks, answers go out whole and in the order of their requests, and the log has a line. */
const answerBrokenClients = (server: Server, { publicUrl, logger }: HttpServerOptions): void => {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (req, res) => latest.set(req.socket, res));

  const answerRaw = (socket: Duplex, type: ProblemType, error: NodeJS.ErrnoException): void => {
    const requestId = randomUUIDv7();
    const line = { request_id: requestId, status: type.status, reason: error.code, route: 'unmatched' };
    logger.info(line, 'request that is not HTTP');
    socket.end(rawAnswer(type, publicUrl, requestId));
  };

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const type = problemOf(error.code);
    const res = latest.get(socket);
    if (!res || res.writableEnded) return answerRaw(socket, type, error);
    if (res.req.complete) return void res.once('finish', () => answerRaw(socket, type, error));
    return res.headersSent ? void socket.destroy() : answerBrokenBody(res, type, publicUrl);
  });
};

/**
 * A Node server whose every wait on a client has an end and whose connections hold only so much. What Node would answer
 * by itself, without ids and problem, goes to the listener: requests without `Host` and unknown expectations.
 */
export const createHttpServer = (listener: RequestListener, options: HttpServerOptions): Server => {
  const { writeTimeoutMs = 30_000, maxConnections = 10_000 } = options;
  const gated = gate(listener, { writeTimeoutMs });
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      requireHostHeader: false,
    },
    gated,
  );
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
