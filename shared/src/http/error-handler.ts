import type { NextFunction, Request, Response } from 'express';
import { isDatabaseBusy } from '../database/database-errors.ts';
import { internalError, malformedUrl, serviceUnavailable } from '../problem/common-problems.ts';
import { ProblemError, problemDocument } from '../problem/problem.ts';
import { sendText } from './reply.ts';

const retryAfterS = 1;

const toProblem = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  // What Express could not decode; nothing else it throws is the client's fault.
  if (error instanceof URIError) return new ProblemError(malformedUrl);
  if (isDatabaseBusy(error))
    return new ProblemError(serviceUnavailable, { headers: { 'Retry-After': String(retryAfterS) } });
  return new ProblemError(internalError);
};

/** The only place that turns errors into HTTP. What is not a problem is logged and answered with a fixed text. */
export const createErrorHandler =
  (publicUrl: string) =>
  (error: unknown, req: Request, res: Response, _next: NextFunction): void => {
    const problem = toProblem(error);
    if (problem.type === internalError) req.context.log.error({ err: error }, 'unforeseen error');
    if (problem.type === serviceUnavailable) req.context.log.warn({ err: error }, 'database busy');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const { type, occurrence } = problem;
    const [instance = '/'] = req.originalUrl.split('?');
    const document = problemDocument(problem, { publicUrl, instance, requestId: req.context.requestId });
    const text = JSON.stringify(document);
    sendText(res, type.status, 'application/problem+json; charset=utf-8', text, occurrence.headers);
  };
