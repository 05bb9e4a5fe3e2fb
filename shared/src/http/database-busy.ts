import type { NextFunction, Request, Response } from 'express';
import { isDatabaseBusy } from '../database/database-errors.ts';
import { defineProblem, ProblemError } from './problem.ts';

export const serviceUnavailable = defineProblem({
  code: 'service_unavailable',
  status: 503,
  title: 'The database is too busy',
  explanation:
    'No connection or lock was free in time, and the request was not carried out. Send it again after the time in `Retry-After`.',
});

const RETRY_AFTER_S = 1;

/** Error middleware: a database that is too busy is no fault of the program, and passes. The log holds the cause. */
export const answerDatabaseBusy = (
  error: unknown,
  req: Request,
  _res: Response,
  next: NextFunction,
): void => {
  if (!isDatabaseBusy(error)) {
    next(error);
    return;
  }
  req.context.log.warn({ err: error }, 'database busy');
  next(new ProblemError(serviceUnavailable, { headers: { 'Retry-After': String(RETRY_AFTER_S) } }));
};
