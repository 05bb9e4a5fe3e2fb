import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { headersTooLarge, malformedRequest, requestTimeout } from './common-problems.ts';
import type { ProblemType } from './problem.ts';

const problemOf = (code: string | undefined): ProblemType => {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? requestTimeout : malformedRequest;
};

/** Answers bytes that never became a request; there is no path, no id and no route to speak of. */
const answerBrokenClient = (publicUrl: string) => (error: NodeJS.ErrnoException, socket: Socket) => {
  if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy();
  const { code, status, title, explanation } = problemOf(error.code);
  const body = JSON.stringify({
    type: `${publicUrl}/problems/${code}`,
    title,
    status,
    detail: explanation,
    code,
  });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  return socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
};

/** A Node server whose every wait on a client has an end. Durations are in milliseconds. */
export const createHttpServer = (listener: RequestListener, publicUrl: string): Server => {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    listener,
  );
  // As a plain listener Node would keep no more than 2,000 headers of a request and drop the rest unseen.
  server.maxHeadersCount = 100;
  server.on('clientError', answerBrokenClient(publicUrl));
  return server;
};
