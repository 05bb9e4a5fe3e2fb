import { randomUUIDv7 } from 'node:crypto';
import {
  IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { Socket } from 'node:net';
import type { Express } from 'express';
import helmet from 'helmet';
import { contextOf } from './request-context.ts';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** What `http.createServer` is to make of a connection's bytes. */
export type MessageClasses = Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;

/** Helmet's headers. Its default policy also allows any https host for styles and fonts; ours allows none. */
const helmetHeaders = (publicUrl: string): Readonly<Record<string, string>> => {
  const handle = helmet({
    contentSecurityPolicy: {
      directives: {
        'style-src': ["'self'", "'unsafe-inline'"],
        'font-src': ["'self'", 'data:'],
        'upgrade-insecure-requests': publicUrl.startsWith('https:') ? [] : null,
      },
    },
  });
  const sample = new ServerResponse(new IncomingMessage(new Socket()));
  handle(sample.req, sample, () => undefined);
  return Object.fromEntries(
    Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)]),
  );
};

/** Puts a response's own headers to those of every response, which they may replace: names and values in turns. */
const createHeads = (common: Readonly<Record<string, string>>) => {
  const pairs = Object.entries(common).flat();
  const places = new Map(Object.keys(common).map((name, index) => [name.toLowerCase(), 2 * index + 1]));
  return (requestId: string, own: OutgoingHttpHeaders): OutgoingHttpHeader[] => {
    const head: OutgoingHttpHeader[] = [...pairs, 'X-Request-Id', requestId];
    for (const [name, value] of Object.entries(own)) {
      const place = places.get(name.toLowerCase());
      if (value === undefined) continue;
      if (place === undefined) head.push(name, value);
      else head[place] = value;
    }
    return head;
  };
};

/**
 * The requests and responses of an app. Express gives each the prototype of its app, which makes a slow object of one
 * that was born with another; a server that makes them of these classes spares Express the change.
 *
 * Every response gets Helmet's headers, `X-Request-Id` and, unless it says otherwise, `Cache-Control: no-store` when
 * its head is written, whoever writes it. Node takes a whole head, best as a flat list, for a tenth of what its headers
 * cost one by one.
 */
export const createMessageClasses = (app: Express, publicUrl: string): MessageClasses => {
  const common = { ...helmetHeaders(publicUrl), 'Cache-Control': 'no-store' };
  const headOf = createHeads(common);

  class AppRequest extends IncomingMessage {}

  class AppResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
    override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
      const given = typeof reason === 'string' ? headers : reason;
      if (typeof reason === 'string') this.statusMessage = reason;
      const requestId = contextOf(this.req)?.requestId ?? randomUUIDv7();
      const isBare = this.getHeaderNames().length === 0 && !Array.isArray(given);
      if (isBare) return super.writeHead(status, headOf(requestId, given ?? {}));
      for (const [name, value] of Object.entries({ ...common, 'X-Request-Id': requestId })) {
        if (!this.hasHeader(name)) this.setHeader(name, value);
      }
      return super.writeHead(status, given);
    }
  }
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype });
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
};
