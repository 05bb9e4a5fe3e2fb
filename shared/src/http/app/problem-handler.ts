import type { ErrorRequestHandler, Request } from 'express';
import {
  forbidden,
  internalError,
  malformedJson,
  malformedRequest,
  malformedUrl,
  notFound,
  payloadTooLarge,
  unsupportedMediaType,
} from '#src/problem/common-problems.ts';
import { ProblemError, type ProblemType, problemDocument } from '#src/problem/problem.ts';
import { sendContent } from '../route/reply.ts';
import { contextOf } from './request-context.ts';

/** Media type of problem documents (RFC 9457). */
export const problemType = 'application/problem+json; charset=utf-8';

const problemByStatus = new Map<unknown, ProblemType>([
  [400, malformedRequest],
  [403, forbidden],
  [404, notFound],
  [413, payloadTooLarge],
  [415, unsupportedMediaType],
]);

/** A URIError comes from Express and a path it cannot decode; `http-errors` come from middleware such as `express.json()`. */
const typeOf = (error: unknown): ProblemType => {
  if (error instanceof URIError) return malformedUrl;
  if (!(error instanceof Error && 'expose' in error && error.expose === true)) return internalError;
  if ('type' in error && error.type === 'entity.parse.failed') return malformedJson;
  return ('status' in error && problemByStatus.get(error.status)) || internalError;
};

const toProblem = (error: unknown): ProblemError =>
  error instanceof ProblemError ? error : new ProblemError(typeOf(error), { cause: error });

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
    // A refusal without a cause, such as that of a full queue, comes in floods: its stack would say nothing.
    const reason = problem.cause === undefined ? { code: problem.type.code } : { err: error };
    if (status > 500 && !isAbandoned) log.warn(reason, 'request failed');
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const document = problemDocument(problem, { publicUrl, instance: instanceOf(req), requestId });
    sendContent(res, status, problemType, JSON.stringify(document), problem.headers);
  };
