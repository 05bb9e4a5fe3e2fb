import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { ResponseReader, type WireResponse } from './wire-response.ts';

type Done = (error?: Error | null) => void;
type Chunk = string | Uint8Array;

const isChunk = (value: unknown): value is Chunk => typeof value === 'string' || value instanceof Uint8Array;

/** Passes all bytes written to a socket to `onBytes` as well. */
const tapSocket = (socket: Socket, onBytes: (bytes: Buffer) => void): void => {
  const { write, end } = socket;
  const show = (chunk: unknown, encoding: unknown): void => {
    if (!isChunk(chunk)) return;
    const named = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
    onBytes(typeof chunk === 'string' ? Buffer.from(chunk, named) : Buffer.from(chunk));
  };
  socket.write = (chunk: Chunk, ...rest: [(BufferEncoding | Done)?, Done?]): boolean => {
    show(chunk, rest[0]);
    return Reflect.apply(write, socket, [chunk, ...rest]);
  };
  socket.end = (
    ...args: [(Chunk | (() => void))?, (BufferEncoding | (() => void))?, (() => void)?]
  ): Socket => {
    show(args[0], args[1]);
    return Reflect.apply(end, socket, args);
  };
};

/**
 * Reports every response when its bytes leave the server, whether a handler, Express, Node or the answer to malformed
 * bytes wrote it. The last has no request. Incomplete responses are not reported.
 */
export const tapResponses = (
  server: Server,
  onResponse: (response: WireResponse, request: IncomingMessage | undefined) => void,
): void => {
  const waiting = new WeakMap<Socket, IncomingMessage[]>();
  server.on('connection', (socket) => {
    const requests: IncomingMessage[] = [];
    waiting.set(socket, requests);
    const reader = new ResponseReader({
      isHead: () => requests[0]?.method === 'HEAD',
      onResponse: (response) => onResponse(response, requests.shift()),
    });
    tapSocket(socket, (bytes) => reader.push(bytes));
    socket.once('finish', () => reader.end());
  });
  server.prependListener('request', (request) => waiting.get(request.socket)?.push(request));
};
