/**
 * One attempt of a wrapped call, over node:http. Unlike fetch it follows no redirect, decodes nothing, leaves headers as
 * they are, reports broken HTTP as an error with a code, and streams both ways without waiting.
 */
import { Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import { pipeline, type Readable, Transform } from 'node:stream';
import { readUpTo } from './read-up-to.ts';

/** Only a body that is held as a whole can be sent again. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly bytes: Buffer }
  | { readonly kind: 'streamed'; readonly stream: Readable; readonly declaredBytes: number | undefined };

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query, to be appended to the URL of the upstream. */
  readonly target: string;
  /** Without those that frame the body. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: RequestBody;
}

/** `bytes`: the whole body, read within the attempt. `stream`: what is read while it is passed on. */
export interface UpstreamAnswer {
  readonly head: IncomingMessage;
  readonly status: number;
  readonly body: { readonly bytes: Buffer } | { readonly stream: Readable };
}

export interface UpstreamOptions {
  /** Base URL, without a trailing slash. */
  readonly url: string;
  /** Longest body of an answer, in bytes. */
  readonly bodyLimitBytes: number;
  /** Longest time without a byte, in milliseconds. */
  readonly idleMs: number;
}

/** Up to this length bodies are held in memory, so that a broken exchange can be repeated. */
export const heldBytes = 65_536;

/** Statuses that say: try again. */
export const retriableStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const framing = (body: RequestBody): Record<string, string> => {
  if (body.kind === 'none') return {};
  const length = body.kind === 'held' ? body.bytes.length : body.declaredBytes;
  return length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) };
};

/** Fails once more than the limit has come. */
const limited = (source: Readable, limitBytes: number): Readable => {
  let length = 0;
  const counted = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      length += chunk.length;
      if (length > limitBytes) done(new Error(`the answer is longer than ${limitBytes} bytes`));
      else done(null, chunk);
    },
  });
  // Errors reach whoever reads the result.
  return pipeline(source, counted, () => undefined);
};

const receive = async (head: IncomingMessage, limitBytes: number): Promise<UpstreamAnswer> => {
  const { statusCode: status = 0, headers } = head;
  const declared = headers['content-length'];
  if (Number(declared) > limitBytes) {
    head.destroy();
    throw new Error(`the answer has ${declared} bytes, more than ${limitBytes}`);
  }
  const isShort = declared === undefined ? retriableStatuses.has(status) : Number(declared) <= heldBytes;
  const bytes = isShort ? await readUpTo(head, heldBytes) : undefined;
  if (bytes) return { head, status, body: { bytes } };
  return { head, status, body: { stream: limited(head, limitBytes) } };
};

/** A client of one origin. It never sends to another one. */
export const createUpstream = ({ url, bodyLimitBytes, idleMs }: UpstreamOptions) => {
  const { protocol, hostname, port, pathname } = new URL(url);
  const isSecure = protocol === 'https:';
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const open = isSecure ? requestHttps : requestHttp;
  const basePath = pathname === '/' ? '' : pathname;
  // URL keeps IPv6 addresses in brackets, which sockets do not want.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');

  return {
    /** Resolves with the answer. Rejects if there is none, or if it or the request's body breaks off. */
    send: (
      { method, target, headers, body }: UpstreamRequest,
      signal: AbortSignal,
    ): Promise<UpstreamAnswer> => {
      const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>();
      const path = `${basePath}${target}`;
      const all = { ...headers, ...framing(body) };
      const req = open({ agent, host, port, method, path, headers: all, signal });
      req.setTimeout(idleMs, () => req.destroy(new Error(`no byte within ${idleMs} ms`)));
      req.on('error', reject);
      req.on('response', (head) => void receive(head, bodyLimitBytes).then(resolve, reject));
      if (body.kind === 'streamed') {
        body.stream.once('error', (error) => {
          reject(error);
          req.destroy();
        });
        req.once('close', () => body.stream.destroy());
        body.stream.pipe(req);
      } else req.end(body.kind === 'held' ? body.bytes : undefined);
      return promise;
    },

    close: (): void => agent.destroy(),
  };
};

export type Upstream = ReturnType<typeof createUpstream>;
