/**
 * A server that fails on request, to see what its callers do. It listens on a port of its own and knows one path,
 * `/flaky/:id`, with any method. The first `fail` calls for an id fail in the way that the query asks for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultNames, faults } from './flaky-faults.ts';

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const scriptSchema = z.strictObject({
  /** How many calls for the id fail. */
  fail: wholeNumber(0, 1_000_000).default(0),
  /** The status of a failing call. */
  status: wholeNumber(200, 599).default(503),
  /** How long a failing call takes. Without `fail`, each call. */
  delay_ms: wholeNumber(0, 600_000).default(0),
  /** The `Retry-After` of a failing call, in seconds. */
  retry_after: wholeNumber(0, 600_000).optional(),
  /** A failure that is no status. */
  fault: z.enum(faultNames).optional(),
});

type Script = z.output<typeof scriptSchema>;

/** How many ids are remembered. The oldest is forgotten, and its calls are counted anew. */
const MOST_IDS = 10_000;

const createCounter = () => {
  const counts = new Map<string, number>();
  return (id: string): number => {
    const count = (counts.get(id) ?? 0) + 1;
    counts.delete(id);
    counts.set(id, count);
    const [oldest] = counts.keys();
    if (counts.size > MOST_IDS && oldest !== undefined) counts.delete(oldest);
    return count;
  };
};

const sendJson = (res: ServerResponse, status: number, body: unknown, headers = {}): void => {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  res.end(text);
};

const fail = (res: ServerResponse, { status, retry_after, fault }: Script, calls: number): void => {
  if (fault) faults[fault](res);
  else
    sendJson(
      res,
      status,
      { error: 'as you asked', calls },
      retry_after !== undefined && { 'Retry-After': retry_after },
    );
};

const readScript = (url: URL) => scriptSchema.safeParse(Object.fromEntries(url.searchParams));

const idOf = (url: URL): string | undefined => {
  // The explorer encodes the slash.
  const [, id] = /^\/flaky\/([^/]+)$/.exec(url.pathname.replaceAll(/%2f/gi, '/')) ?? [];
  return id;
};

const createAnswerer = () => {
  const count = createCounter();
  return (req: IncomingMessage, res: ServerResponse): void => {
    // The body does not matter.
    req.resume();
    const url = new URL(`http://flaky${req.url}`);
    const id = idOf(url);
    const { data: script } = readScript(url);
    if (id === undefined) sendJson(res, 404, { error: 'not found' });
    else if (!script) sendJson(res, 400, { error: 'the query is not a script of faults' });
    else {
      const calls = count(id);
      const fails = calls <= script.fail;
      const answer = (): void => {
        if (fails) fail(res, script, calls);
        else sendJson(res, 200, { id, calls });
      };
      const delayMs = fails || script.fail === 0 ? script.delay_ms : 0;
      const timer = setTimeout(answer, delayMs);
      res.once('close', () => clearTimeout(timer));
    }
  };
};

/** Listens on a free port of 127.0.0.1. Resolves with its URL. */
export const startFlakyUpstream = async (): Promise<{ readonly url: string; readonly close: () => void }> => {
  const server = createServer(createAnswerer()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${address.port}`, close };
};
