import { randomUUIDv7 } from 'node:crypto';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { headersTooLarge, malformedRequest, requestTimeout } from '../problem/common-problems.ts';
import { ProblemError, type ProblemType, problemDocument } from '../problem/problem.ts';
import type { MessageClasses } from './messages.ts';
import { sendText } from './reply.ts';
import { contextOf } from './request-context.ts';

const problemOf = (code: string | undefined): ProblemType => {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? requestTimeout : malformedRequest;
};

/** An answer to bytes that never became a request: there is no path and no route to speak of. */
const rawAnswer = ({ code, status, title, explanation }: ProblemType, publicUrl: string): string => {
  const requestId = randomUUIDv7();
  const type = `${publicUrl}/problems/${code}`;
  const body = JSON.stringify({ type, title, status, detail: explanation, code, request_id: requestId });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
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
  const [instance = '/'] = (res.req.url ?? '/').split('?');
  const requestId = contextOf(res.req)?.requestId ?? randomUUIDv7();
  const document = problemDocument(new ProblemError(type), { publicUrl, instance, requestId });
  res.setHeader('Connection', 'close');
  sendText(res, type.status, 'application/problem+json; charset=utf-8', JSON.stringify(document));
};

/** Whatever breaks, answers go out whole and in the order of their requests. */
const answerBrokenClients = (server: Server, publicUrl: string): void => {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (req, res) => latest.set(req.socket, res));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const type = problemOf(error.code);
    const res = latest.get(socket);
    if (!res || res.writableEnded) return void socket.end(rawAnswer(type, publicUrl));
    if (res.req.complete) return void res.once('finish', () => socket.end(rawAnswer(type, publicUrl)));
    return res.headersSent ? void socket.destroy() : answerBrokenBody(res, type, publicUrl);
  });
};

/**
 * A Node server whose every wait on a client has an end, in milliseconds. What Node would answer by itself, without
 * ids and problem, goes to the listener: requests without `Host` and unknown expectations.
 */
export const createHttpServer = (
  listener: RequestListener,
  publicUrl: string,
  messages?: MessageClasses,
): Server => {
  const server = createServer(
    {
      ...messages,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      requireHostHeader: false,
    },
    listener,
  );
  // Beyond a number of headers Node drops the rest unseen; `maxHeaderSize` bounds them already.
  server.maxHeadersCount = 0;
  // RFC 9110, section 10.1.1: expectations other than 100-continue may be passed over.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  answerBrokenClients(server, publicUrl);
  return server;
};
