import type { ServerResponse } from 'node:http';
import type { Response } from 'express';
import type { Reply, RouteContract } from './contract.ts';

const defaultMediaType = 'application/json; charset=utf-8';

/** Writes a body with its length and type. The one place where a response leaves the process. */
export const sendText = (res: ServerResponse, status: number, mediaType: string, text: string): void => {
  const length = Buffer.byteLength(text);
  res.statusCode = status;
  res.setHeader('Content-Type', mediaType);
  res.setHeader('Content-Length', length);
  // Text that is as long in bytes as in characters is ASCII, which Node writes faster as what it is.
  res.end(text, length === text.length ? 'latin1' : 'utf8');
};

/** Builds the function that writes one route's replies. */
export const replySender = <C extends RouteContract>(contract: C) => {
  const mediaTypeOf = (status: number): string => contract.responses[status]?.mediaType ?? defaultMediaType;

  return (res: Response, reply: Reply<C>): void => {
    for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
    if ('text' in reply) {
      sendText(res, reply.status, reply.mediaType ?? mediaTypeOf(reply.status), reply.text);
    } else if (reply.body !== undefined) {
      sendText(res, reply.status, mediaTypeOf(reply.status), JSON.stringify(reply.body));
    } else {
      res.statusCode = reply.status;
      res.end();
    }
  };
};
