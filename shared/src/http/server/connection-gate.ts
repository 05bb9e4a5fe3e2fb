/**
 * Problem: HTTP/1.1 lets a client send requests without reading the responses (pipelining), and Node starts all of
 * them. Two megabytes of requests then produce gigabytes of unread responses.
 * Guarantees: each connection has one request in progress. The next one starts when the response before it has been
 * passed to the system and other connections have had their turn. Until then the connection is not read. Connections
 * are closed if their client reads nothing for `writeTimeoutMs`. If all unread responses together exceed
 * `untakenBytes`, the connection whose response has waited longest is closed; if more than `waitingRequests` wait, the
 * connection with the most of them. A dropped request was never started. Of a burst on many connections, a few requests
 * start in each turn of the event loop (request-turns.ts).
 * Does NOT guarantee: a fair share of the processor for each client, which is the task of a rate limit. Node reads 64
 * KiB at a time, so up to 3,600 requests may be parsed before the connection is paused.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createTurns } from './request-turns.ts';
import { createUntaken } from './untaken-answers.ts';

export interface GateOptions {
  /** How long a client may go without reading any of a response, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** Most bytes of unread responses, for all connections together (default 64 MiB). */
  readonly untakenBytes?: number;
  /** Most requests that wait behind others of their connections, for all connections together (default 4,000). */
  readonly waitingRequests?: number;
  /** Most requests that start in one turn of the event loop (default 32). */
  readonly requestsPerTurn?: number;
}

type Exchange = readonly [req: IncomingMessage, res: ServerResponse];

interface Line {
  readonly socket: Socket;
  readonly waiting: Exchange[];
  isBusy: boolean;
  isHeld: boolean;
}

const hold = (line: Line): void => {
  line.isHeld = true;
  line.socket.pause();
};

const release = (line: Line): void => {
  line.isHeld = false;
  line.socket.resume();
};

/** The waiting requests of each connection. */
const createQueues = (limit: number, onDropped: () => void) => {
  const lines = new Set<Line>();
  let total = 0;

  const leave = (line: Line): void => {
    total -= line.waiting.length;
    line.waiting.length = 0;
    lines.delete(line);
  };
  const dropLongest = (): void => {
    const longest = [...lines].reduce((a, b) => (b.waiting.length > a.waiting.length ? b : a));
    leave(longest);
    longest.socket.destroy();
    onDropped();
  };
  return {
    leave,
    add: (line: Line, exchange: Exchange): void => {
      lines.add(line);
      line.waiting.push(exchange);
      total += 1;
      if (total > limit) dropLongest();
    },
    take: (line: Line): Exchange | undefined => {
      const exchange = line.waiting.shift();
      if (exchange) total -= 1;
      if (line.waiting.length === 0) lines.delete(line);
      return exchange;
    },
  };
};

/** All connections of a server; pauses them together. */
const createLines = (server: Server) => {
  const lines = new Map<Socket, Line>();
  let arePaused = false;

  /** Reading or dropping a body resumes its connection, so a held one is paused again. */
  const stayHeld = (line: Line): void => {
    if (!line.isHeld && !arePaused) return;
    // A pause between `resume()` and its event leaves the stream paused although the connection is read.
    if (line.socket.isPaused()) setImmediate(() => line.socket.resume());
    else line.socket.pause();
  };

  server.on('connection', (socket) => {
    const line: Line = { socket, waiting: [], isBusy: false, isHeld: false };
    lines.set(socket, line);
    socket.on('resume', () => stayHeld(line));
    socket.once('close', () => lines.delete(socket));
  });
  return {
    of: (socket: Socket): Line | undefined => lines.get(socket),
    /** Pauses all connections until those closed in this turn have released their memory. */
    pauseForATurn: (): void => {
      if (arePaused) return;
      arePaused = true;
      for (const socket of lines.keys()) socket.pause();
      setImmediate(() => {
        arePaused = false;
        for (const line of lines.values()) if (!line.isHeld) line.socket.resume();
      });
    },
  };
};

/** Puts the gate between a server and its listener. */
export const gate = (server: Server, listener: RequestListener, options: GateOptions): void => {
  const {
    writeTimeoutMs,
    untakenBytes = 67_108_864,
    waitingRequests = 4_000,
    requestsPerTurn = 32,
  } = options;
  const lines = createLines(server);
  const queues = createQueues(waitingRequests, lines.pauseForATurn);
  const untaken = createUntaken(untakenBytes);
  const inTurn = createTurns(requestsPerTurn);

  const start = (line: Line, [req, res]: Exchange): void => {
    const { socket } = line;
    line.isBusy = true;
    res.setTimeout(writeTimeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy();
    });
    res.once('prefinish', () => {
      if (socket.writableLength === 0) return;
      // Otherwise bytes that the client sends would count as progress of a response that it does not read.
      hold(line);
      untaken.add(socket);
    });
    res.once('close', () => {
      untaken.forget(socket);
      advance(line);
    });
    inTurn(() => {
      // A client that has left meanwhile gets nothing started.
      if (!socket.destroyed) listener(req, res);
    });
  };

  const startNext = (line: Line): void => {
    // After a response with `Connection: close`, the client would not learn the outcome of the next request.
    if (!line.socket.writable) {
      queues.leave(line);
      return;
    }
    const exchange = queues.take(line);
    if (line.waiting.length === 0) release(line);
    if (exchange) start(line, exchange);
  };

  const advance = (line: Line): void => {
    line.isBusy = line.waiting.length > 0;
    if (line.socket.destroyed) queues.leave(line);
    else if (line.isBusy) setImmediate(startNext, line);
    else release(line);
  };

  server.on('request', (req, res) => {
    const line = lines.of(req.socket);
    // These bytes were read before the connection closed.
    if (line === undefined || line.socket.destroyed) return;
    if (line.isBusy) {
      if (!line.isHeld) hold(line);
      queues.add(line, [req, res]);
    } else start(line, [req, res]);
  });
};
