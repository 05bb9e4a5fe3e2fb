import type { RequestHandler } from 'express';
import { requestDeadlineExceeded } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { contextOf } from './request-context.ts';

/**
 * Limits how long a request may take until its response starts, in milliseconds. At the deadline the request's signal
 * aborts, which ends waits for locks, pools and upstreams, and the client gets 503. Work that ignores the signal
 * continues, and its result is dropped.
 */
export const deadline =
  (deadlineMs: number): RequestHandler =>
  (req, res, next) => {
    const timer = setTimeout(() => {
      if (res.headersSent) return;
      const error = new ProblemError(requestDeadlineExceeded, { headers: { 'Retry-After': '1' } });
      contextOf(req, res).abort(error);
      next(error);
    }, deadlineMs);
    contextOf(req, res).whenClosed(() => clearTimeout(timer));
    next();
  };
