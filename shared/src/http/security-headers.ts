import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Helmet's headers. Its default policy also allows any https host for styles and fonts; ours allows none. */
const helmetHeaders = (publicUrl: string): readonly (readonly [string, string])[] => {
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
  return Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)]);
};

/** Sets Helmet's headers. They are the same on every response, so that Helmet works them out once, not each time. */
export const securityHeaders = (publicUrl: string): RequestHandler => {
  const headers = helmetHeaders(publicUrl);
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    next();
  };
};
