import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { startServer } from './wrapped-app.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An upstream that keeps what it receives, and answers with the statuses in turn, then with 200. */
export const startEchoUpstream = async (
  statuses: readonly number[] = [],
  headers: Record<string, string | string[]> = {},
) => {
  const received: Received[] = [];
  const url = await startServer(async (req, res) => {
    const { method, url: target, headers: given } = req;
    received.push({ method, url: target, headers: given, body: await buffer(req) });
    res.writeHead(statuses[received.length - 1] ?? 200, headers).end('{"from":"upstream"}');
  });
  return { url, received };
};
