import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Reply, RouteContract } from './contract.ts';

const defaultMediaType = 'application/json; charset=utf-8';

/** Writes an answer with its length and type. The one place where a body leaves the process. */
export const sendText = (
  res: ServerResponse,
  status: number,
  mediaType: string,
  text: string,
  headers?: OutgoingHttpHeaders,
): void => {
  const length = Buffer.byteLength(text);
  res.writeHead(status, { ...headers, 'Content-Type': mediaType, 'Content-Length': length });
  // Text that is as long in bytes as in characters is ASCII, which Node writes faster as what it is.
  res.end(text, length === text.length ? 'latin1' : 'utf8');
};

/** Builds the function that writes one route's replies. */
export const replySender = <C extends RouteContract>(contract: C) => {
  const mediaTypeOf = (status: number): string => contract.responses[status]?.mediaType ?? defaultMediaType;

  return (res: Response, reply: Reply<C>): void => {
    const { status, headers } = reply;
    if ('text' in reply) {
      sendText(res, status, reply.mediaType ?? mediaTypeOf(status), reply.text, headers);
    } else if (reply.body !== undefined) {
      sendText(res, status, mediaTypeOf(status), JSON.stringify(reply.body), headers);
    } else {
      res.writeHead(status, headers).end();
    }
  };
};
