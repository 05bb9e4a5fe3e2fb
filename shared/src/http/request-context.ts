import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Health } from '../observability/health.ts';
import { createRequestLog } from '../observability/request-log.ts';
import type { Operator, Shopper } from './callers.ts';
import type { HttpMetrics } from './http-metrics.ts';
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

/** The context of a request that has reached the app. */
export const contextOf = (req: IncomingMessage): RequestContext | undefined =>
  'context' in req && req.context instanceof RequestContext ? req.context : undefined;

interface ContextDeps {
  readonly logger: Logger;
  readonly metrics: HttpMetrics;
  readonly health: Health;
  readonly newId: () => string;
}

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** Comes before all else: gives a request its ids, and sees to its log line and its metrics. */
export const createRequestContext = ({ logger, metrics, health, newId }: ContextDeps) => {
  const logRequest = createRequestLog(logger);
  const record = ({ context, method }: Request, res: Response): void => {
    const durationMs = context.elapsedMs;
    // Of an answer that never began nobody knows the status; 499 is nginx's for a client that left.
    const status = res.headersSent ? res.statusCode : 499;
    metrics.observe(method, context.route, status, durationMs / 1000);
    const { requestId, route } = context;
    const { traceId } = context.trace;
    const isAborted = !res.writableFinished;
    logRequest({ requestId, traceId, method, route, status, durationMs, isAborted });
  };

  return (req: Request, res: Response): void => {
    const given = req.headers['x-request-id'];
    const requestId = typeof given === 'string' && requestIdPattern.test(given) ? given : newId();
    const traceparent = req.headers.traceparent;
    req.context = new RequestContext(
      requestId,
      continueTrace(typeof traceparent === 'string' ? traceparent : undefined),
      logger,
    );
    if (health.isDraining) res.setHeader('Connection', 'close');
    res.on('close', () => record(req, res));
  };
};
