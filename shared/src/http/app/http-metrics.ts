import type { RequestHandler } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';
import { statusOf } from './access-log.ts';
import { contextOf } from './request-context.ts';

// The methods of RFC 9110, and PATCH. Other labels would let clients create any number of series.
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];
const knownMethods = new Set(methods);

/** `http_requests_total{method,route,status}` and `http_request_duration_seconds{method,route}`. */
export const httpMetrics = (registry: Registry): RequestHandler => {
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by route template',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte read to the last byte written, by route template',
    labelNames: ['method', 'route'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return (req, res, next) => {
    const context = contextOf(req, res);
    context.whenClosed(() => {
      const { route } = context;
      const method = knownMethods.has(req.method) ? req.method : 'OTHER';
      requests.inc({ method, route, status: statusOf(res) });
      durations.observe({ method, route }, context.elapsedMs / 1000);
    });
    next();
  };
};
