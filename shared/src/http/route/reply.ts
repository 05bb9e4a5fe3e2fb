import { type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { contextOf } from '../app/request-context.ts';
import { anyMediaType, type Reply, type ReplyHeaders, type RouteContract } from './contract.ts';
import { eventStreamType, formatEvent, type ServerSentEvent } from './server-sent-events.ts';

const jsonType = 'application/json; charset=utf-8';

const typeHeader = (mediaType: string): ReplyHeaders =>
  mediaType === anyMediaType ? {} : { 'Content-Type': mediaType };

/** Node notices a bad header halfway, and the answer to that error would have the headers before it. */
const checkHeaders = (headers: ReplyHeaders): void => {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    for (const each of [value].flat()) validateHeaderValue(name, each);
  }
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
  res.writeHead(status, { ...headers, ...typeHeader(mediaType), 'Content-Length': length });
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
  stream: Readable,
  { status, mediaType, headers }: StreamedReply,
): Promise<void> => {
  res.writeHead(status, { ...headers, ...typeHeader(mediaType) });
  res.flushHeaders();
  if (req.method === 'HEAD') {
    res.end();
    return;
  }
  try {
    await pipeline(stream, res);
  } catch (error) {
    const isOver = req.destroyed || res.destroyed || res.writableEnded;
    if (!isOver || !(error instanceof Error && 'code' in error))
      contextOf(req, res).log.warn({ err: error }, 'stream failed');
    if (!res.writableEnded) res.destroy();
  }
};

/** What a reply streams; undefined where it has all of its body. */
const streamOf = <C extends RouteContract>(reply: Reply<C>): Readable | undefined => {
  if ('stream' in reply && reply.stream instanceof Readable) return reply.stream;
  if ('stream' in reply) return Readable.from(reply.stream, { objectMode: false });
  return 'events' in reply ? Readable.from(formatEvents(reply.events), { objectMode: false }) : undefined;
};

/** Builds the function that writes one route's replies. */
export const replySender = <C extends RouteContract>(contract: C) => {
  const write = async (req: Request, res: Response, reply: Reply<C>, stream?: Readable): Promise<void> => {
    const { status, headers = {} } = reply;
    checkHeaders(headers);
    const documented = contract.responses[status] ?? contract.responses.default;
    const mediaType = reply.mediaType ?? documented?.mediaType ?? jsonType;
    if ('text' in reply) sendContent(res, status, mediaType, reply.text, headers);
    else if ('bytes' in reply) sendContent(res, status, mediaType, reply.bytes, headers);
    else if (stream) {
      const type = 'events' in reply ? eventStreamType : mediaType;
      await sendStream(req, res, stream, { status, mediaType: type, headers });
    } else if ('body' in reply && reply.body !== undefined)
      sendContent(res, status, mediaType, JSON.stringify(reply.body), headers);
    else {
      res.writeHead(status, { ...headers }).end();
    }
  };

  return async (req: Request, res: Response, reply: Reply<C>): Promise<void> => {
    const stream = streamOf(reply);
    try {
      // The client may have been answered meanwhile (its bytes broke, or the deadline passed), or have left.
      if (!res.headersSent && !res.destroyed) await write(req, res, reply, stream);
    } finally {
      // Whatever became of it: a file that is not read to its end would stay open.
      stream?.destroy();
    }
  };
};
