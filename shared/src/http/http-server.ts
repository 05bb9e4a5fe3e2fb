import { randomUUIDv7 } from 'node:crypto';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import { headersTooLarge, malformedRequest, requestTimeout } from './common-problems.ts';
import type { ProblemType } from './problem.ts';

const problemOf = (code: string | undefined): ProblemType => {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? requestTimeout : malformedRequest;
};

/** An answer to bytes that never became a request: there is no path and no route to speak of. */
const brokenBytesAnswer = ({ code, status, title, explanation }: ProblemType, publicUrl: string): string => {
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

const answerBrokenBytes = (server: Server, publicUrl: string): void => {
  const latest = new WeakMap<Socket, ServerResponse>();
  server.prependListener('request', (req, res) => latest.set(req.socket, res));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const res = latest.get(socket);
    const isWithinAnswer = res?.headersSent === true && !res.writableFinished;
    if (!socket.writable || error.code === 'ECONNRESET' || isWithinAnswer) return socket.destroy();
    return socket.end(brokenBytesAnswer(problemOf(error.code), publicUrl));
  });
};

/**
 * A Node server whose every wait on a client has an end, in milliseconds. What Node would answer by itself, without
 * ids and problem, goes to the listener: requests without `Host` and unknown expectations.
 */
export const createHttpServer = (listener: RequestListener, publicUrl: string): Server => {
  const server = createServer(
    {
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
  answerBrokenBytes(server, publicUrl);
  return server;
};
