import type { Registry } from 'prom-client';
import { z } from 'zod';
import { type Health, healthReport } from '#src/observability/health.ts';
import { defineRoute } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';

const live = defineRoute({
  method: 'GET',
  path: '/health/live',
  name: 'checkLiveness',
  summary: 'Whether the process is running, without checking its dependencies',
  tag: 'system',
  responses: { 200: { description: 'It is running', body: z.strictObject({ status: z.literal('ok') }) } },
});

const ready = defineRoute({
  method: 'GET',
  path: '/health',
  name: 'checkReadiness',
  summary: 'Whether the process and all its dependencies can handle requests',
  tag: 'system',
  responses: {
    200: { description: 'Ready', body: healthReport },
    503: {
      description: 'A dependency does not respond, or the process is about to stop',
      body: healthReport,
    },
  },
});

const metrics = defineRoute({
  method: 'GET',
  path: '/metrics',
  name: 'readMetrics',
  summary: 'Metrics in the Prometheus text format 0.0.4',
  tag: 'system',
  reveals: 'metrics',
  responses: { 200: { description: 'All series', mediaType: 'text/plain; version=0.0.4; charset=utf-8' } },
});

/** Liveness, readiness and metrics of a server. */
export const systemRoutes = (health: Health, registry: Registry): readonly Route[] => [
  route(live).handle(() => ({ status: 200, body: { status: 'ok' } })),
  route(ready).handle(async () => {
    const body = await health.report();
    return body.status === 'ok' ? { status: 200, body } : { status: 503, body };
  }),
  route(metrics).handle(async () => ({ status: 200, text: await registry.metrics() })),
];
