import { randomUUIDv7 } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { headersTooLarge, malformedRequest, requestTimeout } from '#src/problem/common-problems.ts';
import { ProblemError, type ProblemType, problemDocument } from '#src/problem/problem.ts';
import { instanceOf, problemType } from '../app/problem-handler.ts';
import { contextOf } from '../app/request-context.ts';
import { sendContent } from '../route/reply.ts';

interface Deps {
  /** Base URL of links in problems. */
  readonly publicUrl: string;
  readonly logger: Logger;
}

// Time for the client to read the response. Closing a connection with unread bytes resets it, and the response is lost.
const lingerMs = 500;

const problemOf = (code: string | undefined): ProblemType => {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? requestTimeout : malformedRequest;
};

/** A response to bytes that did not become a request, and so have no path or route. */
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

/** Answers a request whose body is malformed. Its ids and security headers are already set. */
const answerBrokenBody = (res: ServerResponse, type: ProblemType, publicUrl: string): void => {
  const { requestId } = contextOf(res.req, res);
  const instance = instanceOf({ originalUrl: res.req.url ?? '/' });
  const document = problemDocument(new ProblemError(type), { publicUrl, instance, requestId });
  sendContent(res, type.status, problemType, JSON.stringify(document), { Connection: 'close' });
};

/** Whether the connection closes after this response, so that no other may follow. */
const isLast = (res: ServerResponse): boolean => res.getHeader('Connection') === 'close';

/** Answers malformed requests. Responses are sent whole and in the order of their requests, and each has a log line. */
export const answerBrokenClients = (server: Server, { publicUrl, logger }: Deps): void => {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', (req, res) => latest.set(req.socket, res));

  const answerRaw = (socket: Duplex, type: ProblemType, reason: string | undefined): void => {
    const requestId = randomUUIDv7();
    const line = { request_id: requestId, status: type.status, reason, route: 'unmatched' };
    logger.info(line, 'malformed HTTP request');
    socket.end(rawAnswer(type, publicUrl, requestId));
    setTimeout(() => socket.destroy(), lingerMs);
  };

  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    // The client asked to close the connection. It still gets the response that it waits for.
    if (error.code === 'HPE_CLOSED_CONNECTION') return;
    const type = problemOf(error.code);
    const res = latest.get(socket);
    if (!res) return answerRaw(socket, type, error.code);
    if (res.writableEnded) return isLast(res) ? undefined : answerRaw(socket, type, error.code);
    if (res.req.complete) return void res.once('finish', () => answerRaw(socket, type, error.code));
    return res.headersSent ? void socket.destroy() : answerBrokenBody(res, type, publicUrl);
  });

  // Tunnels are for proxies. After CONNECT, Node no longer manages the connection.
  server.on('connect', (_req, socket) => {
    socket.on('error', () => socket.destroy());
    const refuse = (): void => answerRaw(socket, malformedRequest, 'CONNECT');
    const res = latest.get(socket);
    if (!res || res.writableFinished) refuse();
    else res.once('finish', refuse);
  });
};
