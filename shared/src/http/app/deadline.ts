import type { RequestHandler } from 'express';
import { requestDeadlineExceeded } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';
import { contextOf } from './request-context.ts';

/**
 * The longest that a request may take until its answer begins, in milliseconds. At the deadline the request's signal
 * aborts, which ends waits on locks, pools and upstreams, and the client gets 503. What ignores the signal runs on, and
 * its result is dropped.
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
