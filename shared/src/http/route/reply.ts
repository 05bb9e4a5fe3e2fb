import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { contextOf } from '../app/request-context.ts';
import type { Reply, ReplyHeaders, RouteContract } from './contract.ts';
import { eventStreamType, formatEvent, type ServerSentEvent } from './server-sent-events.ts';

const jsonType = 'application/json; charset=utf-8';

const writeHead = (res: ServerResponse, status: number, headers: ReplyHeaders): void => {
  const head = Object.entries(headers).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : [...value],
  ]);
  res.writeHead(status, Object.fromEntries(head));
};

/** Sends a response with its length and type. */
export const sendContent = (
  res: ServerResponse,
  status: number,
  mediaType: string,
  content: string | Uint8Array,
  headers: ReplyHeaders = {},
): void => {
  const length = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  writeHead(res, status, { ...headers, 'Content-Type': mediaType, 'Content-Length': String(length) });
  res.end(content);
};

const formatEvents = async function* (events: AsyncIterable<ServerSentEvent>): AsyncGenerator<string> {
  for await (const event of events) yield formatEvent(event);
};

interface StreamedReply {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: ReplyHeaders;
}

/**
 * Streams at the pace of the client, and stops the source when the client disconnects or the server drains. If the
 * source fails midway, the connection is cut, so that the client does not mistake a part for the whole.
 */
const sendStream = async (
  req: Request,
  res: Response,
  source: Readable | AsyncIterable<Uint8Array | string>,
  { status, mediaType, headers }: StreamedReply,
): Promise<void> => {
  const stream = source instanceof Readable ? source : Readable.from(source, { objectMode: false });
  writeHead(res, status, { ...headers, 'Content-Type': mediaType });
  res.flushHeaders();
  if (req.method === 'HEAD') {
    stream.destroy();
    res.end();
    return;
  }
  try {
    await pipeline(stream, res);
  } catch (error) {
    const isGone = req.destroyed || res.destroyed;
    if (!isGone || !(error instanceof Error && 'code' in error))
      contextOf(req, res).log.warn({ err: error }, 'stream failed');
    res.destroy();
  }
};

/** Builds the function that writes one route's replies. */
export const replySender = <C extends RouteContract>(contract: C) => {
  const send = async (req: Request, res: Response, reply: Reply<C>): Promise<void> => {
    const { status, headers = {} } = reply;
    const mediaType = reply.mediaType ?? contract.responses[status]?.mediaType ?? jsonType;
    if ('text' in reply) sendContent(res, status, mediaType, reply.text, headers);
    else if ('bytes' in reply) sendContent(res, status, mediaType, reply.bytes, headers);
    else if ('stream' in reply) await sendStream(req, res, reply.stream, { status, mediaType, headers });
    else if ('events' in reply) {
      await sendStream(req, res, formatEvents(reply.events), { status, mediaType: eventStreamType, headers });
    } else if (reply.body !== undefined)
      sendContent(res, status, mediaType, JSON.stringify(reply.body), headers);
    else {
      writeHead(res, status, headers);
      res.end();
    }
  };
  return send;
};
