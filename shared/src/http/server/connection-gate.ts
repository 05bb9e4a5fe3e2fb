/**
 * Problem: HTTP/1.1 lets a client send requests without reading the answers (pipelining), and Node starts all of them.
 * Two megabytes of requests then make gigabytes of answers that nobody takes.
 * Guarantees: of each connection one request is in work, and the next one starts once the answer before it is handed
 * over; meanwhile the connection is not read. A connection whose client takes nothing for `writeTimeoutMs` is ended, and
 * so is the one that has kept its answer longest as soon as all untaken answers hold more than `untakenBytes`.
 * Does NOT guarantee: fairness between connections; that is the business of a rate limit.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface GateOptions {
  /** How long a client may take nothing of an answer, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** What the answers that clients have not taken may hold together (default 64 MiB). */
  readonly untakenBytes?: number;
  /** Requests that may wait behind others of their connections, all together (default 10,000). */
  readonly waitingRequests?: number;
}

type Exchange = readonly [req: IncomingMessage, res: ServerResponse];

/** Tracks what answers hold until their clients take them, oldest first. */
const createUntaken = (limitBytes: number) => {
  const bytesOf = new Map<Socket, number>();
  let total = 0;
  const forget = (socket: Socket): void => {
    total -= bytesOf.get(socket) ?? 0;
    bytesOf.delete(socket);
  };
  return {
    add: (socket: Socket): void => {
      forget(socket);
      bytesOf.set(socket, socket.writableLength);
      total += socket.writableLength;
      for (const [oldest] of bytesOf) {
        if (total <= limitBytes) break;
        forget(oldest);
        oldest.destroy();
      }
    },
    forget,
  };
};

/** Puts the gate between a server and its listener. */
export const gate = (listener: RequestListener, options: GateOptions): RequestListener => {
  const { writeTimeoutMs, untakenBytes = 67_108_864, waitingRequests = 10_000 } = options;
  const queues = new WeakMap<Socket, Exchange[]>();
  const untaken = createUntaken(untakenBytes);
  let waiting = 0;

  const drop = (socket: Socket): void => {
    waiting -= queues.get(socket)?.length ?? 0;
    queues.delete(socket);
    socket.destroy();
  };

  const start = (socket: Socket, [req, res]: Exchange): void => {
    res.setTimeout(writeTimeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy();
    });
    res.once('prefinish', () => untaken.add(socket));
    res.once('close', () => {
      untaken.forget(socket);
      next(socket);
    });
    listener(req, res);
  };

  const next = (socket: Socket): void => {
    if (socket.destroyed) {
      drop(socket);
      return;
    }
    const exchange = queues.get(socket)?.shift();
    if (exchange) {
      waiting -= 1;
      start(socket, exchange);
    } else {
      queues.delete(socket);
      socket.resume();
    }
  };

  return (req, res) => {
    const { socket } = req;
    const queue = queues.get(socket);
    if (queue === undefined) {
      queues.set(socket, []);
      start(socket, [req, res]);
      return;
    }
    socket.pause();
    queue.push([req, res]);
    waiting += 1;
    if (waiting > waitingRequests) drop(socket);
  };
};
