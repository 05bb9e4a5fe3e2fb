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

/** What is known of a request before any route has seen it. */
export class RequestContext {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Monotonic, in milliseconds. */
  readonly startedAtMs = performance.now();
  /** Template of the matched route: a label with few values, unlike the path. */
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

  /** Logs with the ids of this request. Made on first use: most requests need only their one line. */
  get log(): Logger {
    this.#log ??= this.#logger.child({ request_id: this.requestId, trace_id: this.trace.traceId });
    return this.#log;
  }

  get elapsedMs(): number {
    return performance.now() - this.startedAtMs;
  }

  /** Aborts when nobody waits for the answer any longer: the client has left, or the deadline has passed. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#abortReason) this.#abort.abort(this.#abortReason);
    return this.#abort.signal;
  }

  /** Runs the callback once the answer is out, or its client has left. One listener serves all callbacks. */
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

/** A request's own id where it brings a fit one, so that a caller can find it in our log. */
const begin = (req: IncomingMessage, { logger, newId }: ContextDeps): RequestContext => {
  const given = req.headers['x-request-id'];
  const { traceparent } = req.headers;
  return new RequestContext(
    typeof given === 'string' && requestIdPattern.test(given) ? given : newId(),
    continueTrace(typeof traceparent === 'string' ? traceparent : undefined),
    logger,
  );
};

/** The client left before it was answered. */
class ClientLeftError extends Error {
  override readonly name = 'ClientLeftError';
}

const attach = (req: IncomingMessage, res: ServerResponse, context: RequestContext): RequestContext => {
  Object.assign(req, { context });
  res.once('close', () => {
    if (!res.writableFinished) context.abort(new ClientLeftError('the client has left'));
    context.close();
  });
  return context;
};

const known = (req: IncomingMessage): RequestContext | undefined =>
  'context' in req && req.context instanceof RequestContext ? req.context : undefined;

/** Comes before all else: gives a request its ids, its logger and its signal. */
export const requestContext =
  (deps: ContextDeps): RequestHandler =>
  (req, res, next) => {
    const { requestId } = attach(req, res, begin(req, deps));
    res.setHeader('X-Request-Id', requestId);
    next();
  };

const standardError = (): Logger =>
  createLogger({ service: 'http', level: 'warn', destination: pino.destination({ dest: 2, sync: true }) });

/** The context of a request. In an app without `requestContext` it is made now, and logs warnings to standard error. */
export const contextOf = (req: IncomingMessage, res: ServerResponse): RequestContext =>
  known(req) ?? attach(req, res, begin(req, { logger: standardError(), newId: randomUUIDv7 }));

/** The template of the route that took the request; undefined while no app has seen it. */
export const routeOf = (req: IncomingMessage): string | undefined => known(req)?.route;
