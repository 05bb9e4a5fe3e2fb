import type { RequestHandler } from 'express';
import { malformedRequest, malformedUrl } from '#src/problem/common-problems.ts';
import { ProblemError } from '#src/problem/problem.ts';

/**
 * Refuses what no route can be chosen for: a path that is not percent-encoded correctly, and a request without `Host`
 * (RFC 9112, section 3.2).
 */
export const refuseMalformed: RequestHandler = (req, _res, next) => {
  if (req.headers.host === undefined && req.httpVersion === '1.1') throw new ProblemError(malformedRequest);
  try {
    if (req.path.includes('%')) decodeURIComponent(req.path);
  } catch {
    throw new ProblemError(malformedUrl);
  }
  next();
};
