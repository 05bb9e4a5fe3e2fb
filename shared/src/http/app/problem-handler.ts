import type { ErrorRequestHandler, Request } from 'express';
import { internalError, malformedUrl } from '#src/problem/common-problems.ts';
import { ProblemError, problemDocument } from '#src/problem/problem.ts';
import { sendContent } from '../route/reply.ts';
import { contextOf } from './request-context.ts';

/** Media type of problem documents (RFC 9457). */
export const problemType = 'application/problem+json; charset=utf-8';

const toProblem = (error: unknown): ProblemError => {
  if (error instanceof ProblemError) return error;
  // Express throws a URIError if it cannot decode the path. No other error of Express is the client's fault.
  return new ProblemError(error instanceof URIError ? malformedUrl : internalError, { cause: error });
};

/** The path that the client requested, as a path or in an absolute URL (RFC 9112, section 3.2.2). */
export const instanceOf = ({ originalUrl }: Pick<Request, 'originalUrl'>): string => {
  const [target = '/'] = originalUrl.split('?');
  return target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/';
};

/**
 * The last middleware of an app: answers every error with `application/problem+json` (RFC 9457). An error that is not a
 * ProblemError is logged with its cause and answered with a fixed text. `publicUrl` is the base URL of the link in
 * `type`.
 */
export const problemHandler =
  ({ publicUrl = '' }: { readonly publicUrl?: string } = {}): ErrorRequestHandler =>
  // Express recognizes an error handler by its four parameters.
  (error, req, res, _next) => {
    const problem = toProblem(error);
    const { log, requestId, signal } = contextOf(req, res);
    const { status } = problem;
    // The client disconnected and so caused the abort itself. There is no one to answer.
    const isAbandoned = signal.aborted && error === signal.reason && res.destroyed;
    if (status === 500 && !isAbandoned) log.error({ err: error }, 'unexpected error');
    if (status > 500 && !isAbandoned) log.warn({ err: error }, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const document = problemDocument(problem, { publicUrl, instance: instanceOf(req), requestId });
    sendContent(res, status, problemType, JSON.stringify(document), problem.headers);
  };
