import { randomUUID } from 'node:crypto';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import promBundle from 'express-prom-bundle';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import { Registry } from 'prom-client';
import { z } from 'zod';
import {
  corsOrigins,
  createLogDestination,
  durationBuckets,
  exitOnSignal,
  requestIdPattern,
} from './stack-settings.ts';

const routeOf = (req: Request): string =>
  typeof req.route?.path === 'string' ? `${req.baseUrl}${req.route.path}` : 'unmatched';

/** One line for each request, with the client's request id if it sends one. Headers are not logged. */
const createRequestLog = () =>
  pinoHttp(
    {
      genReqId: (req, res) => {
        const given = req.headers['x-request-id'];
        const id = typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID();
        res.setHeader('X-Request-Id', id);
        return id;
      },
      serializers: {
        req: ({ id, method, url }) => ({ id, method, url }),
        res: ({ statusCode }) => ({ statusCode }),
      },
    },
    createLogDestination(),
  );

const createMetrics = () =>
  promBundle({
    includeMethod: true,
    includePath: true,
    buckets: durationBuckets,
    normalizePath: routeOf,
    promRegistry: new Registry(),
    promClient: { collectDefaultMetrics: {} },
  });

/** Express with the middleware that most teams put in front of their routes. */
export const createExpressApp = (): Express => {
  const app = express();
  app.disable('etag');
  app.use(createRequestLog());
  app.use(createMetrics());
  app.use(helmet());
  app.use(cors({ origin: corsOrigins }));
  app.use(express.json({ limit: '64kb' }));
  return app;
};

const answerError: ErrorRequestHandler = (error, req, res, _next) => {
  const isInvalid = error instanceof z.ZodError;
  const status = isInvalid ? 400 : Number(error.status ?? 500);
  if (status >= 500) req.log.error(error);
  res.status(status).type('application/problem+json');
  res.json({ status, title: isInvalid ? 'Invalid request' : 'Error', errors: isInvalid ? error.issues : [] });
};

/** Adds the error handler and listens on `PORT`. */
export const listen = (app: Express): void => {
  app.use(answerError);
  app.listen(Number(process.env.PORT), '127.0.0.1');
  exitOnSignal();
};
