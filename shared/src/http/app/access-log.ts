import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { contextOf } from './request-context.ts';

const toThousandths = (value: number): number => Math.round(value * 1000) / 1000;

/** The status of a response, or 499, as in nginx, if the client disconnected before it started. */
export const statusOf = (res: { readonly headersSent: boolean; readonly statusCode: number }): number =>
  res.headersSent ? res.statusCode : 499;

/** Logs one line for each request, when it is answered or its client disconnects. No field can contain a secret. */
export const accessLog = (logger: Logger): RequestHandler => {
  // Redacting would cost more than the rest of the line.
  const log = logger.child({}, { formatters: { log: (line) => line } });
  return (req, res, next) => {
    const context = contextOf(req, res);
    context.whenClosed(() => {
      const line = {
        request_id: context.requestId,
        trace_id: context.trace.traceId,
        method: req.method,
        route: context.route,
        status: statusOf(res),
        duration_ms: toThousandths(context.elapsedMs),
      };
      log.info(res.writableFinished ? line : { ...line, aborted: true }, 'request');
    });
    next();
  };
};
