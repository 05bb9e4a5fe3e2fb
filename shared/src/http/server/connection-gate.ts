/**
 * Problem: HTTP/1.1 lets a client send requests without reading the answers (pipelining), and Node starts all of them.
 * Two megabytes of requests then make gigabytes of answers that nobody takes.
 * Guarantees: of each connection one request is in work, and the next one starts once the answer before it is handed
 * over, after other connections had their turn. Meanwhile the connection is not read. A connection whose client takes
 * nothing for `writeTimeoutMs` is ended, and so is the one that has kept its answer longest as soon as all untaken
 * answers hold more than `untakenBytes`, and the one with most waiting requests as soon as more than `waitingRequests`
 * wait. A request that is dropped was not begun.
 * Does NOT guarantee: that a client gets its share of the processor; that is the business of a rate limit. Node reads
 * 64 KiB at a time, so up to 3,600 requests may be parsed before the connection is paused.
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createUntaken } from './untaken-answers.ts';

export interface GateOptions {
  /** How long a client may take nothing of an answer, in milliseconds. */
  readonly writeTimeoutMs: number;
  /** What the answers that clients have not taken may hold together (default 64 MiB). */
  readonly untakenBytes?: number;
  /** Requests that may wait behind others of their connections, all together (default 4,000). */
  readonly waitingRequests?: number;
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

/** The requests that wait, by connection. */
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

  /** Whoever reads or drops a body resumes its connection; one that is held is paused again. */
  const stayHeld = (line: Line): void => {
    if (!line.isHeld && !arePaused) return;
    // A pause that came between `resume()` and its event has left the stream paused and the connection read.
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
    /** Reads nothing until the connections that were ended in this turn have given back their memory. */
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
  const { writeTimeoutMs, untakenBytes = 67_108_864, waitingRequests = 4_000 } = options;
  const lines = createLines(server);
  const queues = createQueues(waitingRequests, lines.pauseForATurn);
  const untaken = createUntaken(untakenBytes);

  const start = (line: Line, [req, res]: Exchange): void => {
    const { socket } = line;
    line.isBusy = true;
    res.setTimeout(writeTimeoutMs, () => {
      if (socket.writableLength > 0) socket.destroy();
    });
    res.once('prefinish', () => {
      if (socket.writableLength === 0) return;
      // Without this, bytes that a client sends would count as progress of an answer that it does not take.
      hold(line);
      untaken.add(socket);
    });
    res.once('close', () => {
      untaken.forget(socket);
      advance(line);
    });
    listener(req, res);
  };

  const startNext = (line: Line): void => {
    // After an answer with `Connection: close` nobody would learn what became of the next request.
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
    // What is left of bytes that were read before the connection ended.
    if (line === undefined || line.socket.destroyed) return;
    if (line.isBusy) {
      hold(line);
      queues.add(line, [req, res]);
    } else start(line, [req, res]);
  });
};
