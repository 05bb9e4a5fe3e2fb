import type { IncomingMessage, ServerResponse } from 'node:http';
import { malformedRequest, payloadTooLarge } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

// How much of a body that is too large is read and dropped, so that most clients finish sending and read the response.
const lingerBytes = 1_048_576;
const lingerMs = 500;

const awaitingContinue = new WeakSet<IncomingMessage>();

/** Marks a request whose client waits for `100 Continue` before sending the body (RFC 9110, section 10.1.1). */
export const awaitContinue = (req: IncomingMessage): void => {
  awaitingContinue.add(req);
};

/** Sends `100 Continue` if the client waits for it. To be called before reading the body, but not when refusing it. */
export const beginBody = (req: IncomingMessage, res: ServerResponse): void => {
  if (awaitingContinue.delete(req)) res.writeContinue();
};

/** Whether the request declares a body. */
export const hasBody = (req: IncomingMessage): boolean => {
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
};

/**
 * Throws if other middleware has read the body without setting `req.body`. Waiting for the body would never end.
 */
export const requireUnread = (req: IncomingMessage): void => {
  if (!req.readableDidRead) return;
  throw new Error(
    'The body was read before it reached the route, and req.body is not set. ' +
      'Mount the router before the middleware that reads bodies, or let that middleware set req.body.',
  );
};

export const tooLarge = (limitBytes: number): ProblemError =>
  new ProblemError(payloadTooLarge, {
    detail: `The body must have at most ${limitBytes} bytes.`,
    headers: { Connection: 'close' },
  });

/** Resolves when the client has sent the rest, has sent too much, or has taken too long. */
const linger = (req: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    let dropped = 0;
    const finish = (): void => {
      clearTimeout(timer);
      req.off('data', drop).off('close', finish).pause();
      resolve();
    };
    const drop = (chunk: Buffer): void => {
      dropped += chunk.length;
      if (dropped > lingerBytes) finish();
    };
    const timer = setTimeout(finish, lingerMs);
    req.on('data', drop).once('end', finish).once('close', finish).resume();
  });

/** Rejects with 413 if the client declares more than `limitBytes` bytes. */
export const refuseDeclared = async (req: IncomingMessage, limitBytes: number): Promise<void> => {
  if (!(Number(req.headers['content-length']) > limitBytes)) return;
  if (!awaitingContinue.has(req)) await linger(req);
  throw tooLarge(limitBytes);
};

/**
 * The bytes of a body of at most `limitBytes`. Rejects with 413 `payload_too_large` as soon as the declared or received
 * length exceeds the limit, and the connection closes after that response. Rejects with 400 `malformed_request` if the
 * body is incomplete.
 */
export const readBytes = async (
  req: IncomingMessage,
  res: ServerResponse,
  limitBytes: number,
): Promise<Buffer> => {
  requireUnread(req);
  await refuseDeclared(req, limitBytes);
  beginBody(req, res);
  const chunks: Buffer[] = [];
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<'whole' | 'too large'>();
  const collect = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= limitBytes) chunks.push(chunk);
    else resolve('too large');
  };
  req.on('data', collect);
  req.once('end', () => resolve('whole'));
  req.once('close', () => {
    if (!req.complete) reject(new ProblemError(malformedRequest, { detail: 'The body is incomplete.' }));
  });
  const outcome = await promise.finally(() => req.off('data', collect));
  if (outcome === 'whole') return Buffer.concat(chunks);
  await linger(req);
  throw tooLarge(limitBytes);
};
