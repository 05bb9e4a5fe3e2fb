import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { type Logger, pino } from 'pino';
import { createLogger } from '#src/observability/logger.ts';
import { continueTrace, type TraceContext } from './trace-context.ts';

interface ContextDeps {
  readonly logger: Logger;
  readonly newId: () => string;
}

/** What is known about a request before it reaches a route. */
export class RequestContext {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Monotonic, in milliseconds. */
  readonly startedAtMs = performance.now();
  /** Template of the matched route, which unlike the path has few values. */
  route = 'unmatched';
  readonly #logger: Logger;
  readonly #whenClosed: (() => void)[] = [];
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;
  #log: Logger | undefined;

  constructor(requestId: string, trace: TraceContext, logger: Logger) {
    this.requestId = requestId;
    this.trace = trace;
    this.#logger = logger;
  }

  /** Logs with the ids of this request. Created on first use, because most requests log only one line. */
  get log(): Logger {
    this.#log ??= this.#logger.child({ request_id: this.requestId, trace_id: this.trace.traceId });
    return this.#log;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  /** Aborts when no one waits for the response anymore: the client has disconnected or the deadline has passed. */
  get signal(): AbortSignal {
    // Created on first use: most handlers do not need it, and it costs more than the rest of the context.
    this.#abort ??= new AbortController();
    if (this.#abortReason) this.#abort.abort(this.#abortReason);
    return this.#abort.signal;
  }

  /** Runs the callback when the response is sent or the client has disconnected. One listener serves all callbacks. */
  whenClosed(callback: () => void): void {
    this.#whenClosed.push(callback);
  }

  close(): void {
    for (const callback of this.#whenClosed) callback();
  }

  abort(reason: Error): void {
    this.#abortReason ??= reason;
    this.#abort?.abort(this.#abortReason);
  }
}

declare global {
  namespace Express {
    interface Request {
      context: RequestContext;
    }
  }
}

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** Uses the request's own id if it is valid, so that callers can find their requests in our log. */
const begin = (req: IncomingMessage, { logger, newId }: ContextDeps): RequestContext => {
  const given = req.headers['x-request-id'];
  const { traceparent } = req.headers;
  return new RequestContext(
    typeof given === 'string' && requestIdPattern.test(given) ? given : newId(),
    continueTrace(typeof traceparent === 'string' ? traceparent : undefined),
    logger,
  );
};

/** The client disconnected before it was answered. */
class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';
}

const attach = (req: IncomingMessage, res: ServerResponse, context: RequestContext): RequestContext => {
  Object.assign(req, { context });
  res.once('close', () => {
    if (!res.writableFinished) context.abort(new ClientLeftError('the client has disconnected'));
    context.close();
  });
  return context;
};

const known = (req: IncomingMessage): RequestContext | undefined =>
  'context' in req && req.context instanceof RequestContext ? req.context : undefined;

/** The first middleware: gives a request its ids, logger and signal. */
export const requestContext =
  (deps: ContextDeps): RequestHandler =>
  (req, res, next) => {
    const { requestId } = attach(req, res, begin(req, deps));
    res.setHeader('X-Request-Id', requestId);
    next();
  };

const standardError = (): Logger =>
  createLogger({ service: 'http', level: 'warn', destination: pino.destination({ dest: 2, sync: true }) });

/**
 * The context of a request. In an app without `requestContext` it is created now, and logs warnings to standard error.
 */
export const contextOf = (req: IncomingMessage, res: ServerResponse): RequestContext =>
  known(req) ?? attach(req, res, begin(req, { logger: standardError(), newId: randomUUIDv7 }));

/** The template of the matched route; undefined before an app has received the request. */
export const routeOf = (req: IncomingMessage): string | undefined => known(req)?.route;
