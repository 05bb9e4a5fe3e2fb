import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Health } from '../observability/health.ts';
import type { Operator, Shopper } from './callers.ts';
import { malformedUrl } from './common-problems.ts';
import type { HttpMetrics } from './http-metrics.ts';
import { ProblemError } from './problem.ts';
import { continueTrace, type TraceContext } from './trace-context.ts';

/** What is known of a request before any route has seen it. */
export class RequestContext {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Monotonic, in milliseconds. */
  readonly startedAtMs = performance.now();
  /** Template of the matched route: a label with few values, unlike the path. */
  route = 'unmatched';
  readonly #logger: Logger;
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
}

declare global {
  namespace Express {
    interface Request {
      context: RequestContext;
      caller: Shopper | Operator | undefined;
    }
  }
}

interface ContextDeps {
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  readonly health: Health;
  readonly newId: () => string;
}

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

const refuseBrokenEncoding = (path: string): void => {
  try {
    if (path.includes('%')) decodeURIComponent(path);
  } catch {
    throw new ProblemError(malformedUrl);
  }
};

/** First in the chain: gives the request its ids and headers, and sees to its log line and its metrics. */
export const createRequestContext = ({ logger, metrics, health, newId }: ContextDeps) => {
  const record = (req: Request, res: Response): void => {
    const { context, method } = req;
    const durationMs = context.elapsedMs;
    const status = res.statusCode;
    metrics.observe(method, context.route, status, durationMs / 1000);
    logger.info(
      {
        request_id: context.requestId,
        trace_id: context.trace.traceId,
        method,
        route: context.route,
        status,
        duration_ms: Math.round(durationMs * 1000) / 1000,
        ...(!res.writableFinished && { aborted: true }),
      },
      'request',
    );
  };

  return (req: Request, res: Response, next: NextFunction): void => {
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && requestIdPattern.test(given) ? given : newId();
    const traceparent = req.headers.traceparent;
    req.context = new RequestContext(
      requestId,
      continueTrace(typeof traceparent === 'string' ? traceparent : undefined),
      logger,
    );
    res.setHeader('X-Request-Id', requestId);
    res.setHeader('Cache-Control', 'no-store');
    if (health.isDraining) res.setHeader('Connection', 'close');
    res.once('close', () => record(req, res));
    refuseBrokenEncoding(req.path);
    next();
  };
};
