import { createRouter, defineRoute, route } from '@lab/shared/http';
import { addProcessMetrics, createMetrics } from '@lab/shared/observability';
import { createTestApp, startApp, type TestAppOverrides } from '@lab/testing';
import { Counter, Gauge } from 'prom-client';
import { z } from 'zod';
import { createPortalRouter } from '../src/index.ts';

const responses = { 204: { description: 'Done' } };
const params = z.strictObject({ id: z.string() });
const readThing = defineRoute({
  method: 'GET',
  path: '/things/:id',
  name: 'readThing',
  summary: 'Reads a thing',
  tag: 'test',
  params,
  responses,
});
const fail = defineRoute({
  method: 'POST',
  path: '/failures',
  name: 'fail',
  summary: 'Fails',
  tag: 'test',
  responses,
});

/** The metrics of a cache and of a rate limiter, by their names in the contracts. */
const createSlicesMetrics = () => {
  const registry = createMetrics();
  addProcessMetrics(registry);
  const registers = [registry];
  const counter = (name: string, labelNames: string[]) =>
    new Counter({ name, help: name, labelNames, registers });
  const gauge = (name: string, labelNames: string[]) =>
    new Gauge({ name, help: name, labelNames, registers });
  const decisions = counter('rate_limit_decisions_total', ['policy', 'decision']);
  for (const decision of ['allowed', 'limited']) decisions.inc({ policy: 'promo', decision }, 0);
  gauge('rate_limit_bucket_capacity', ['policy']).set({ policy: 'promo' }, 5);
  gauge('rate_limit_refill_per_second', ['policy']).set({ policy: 'promo' }, 1);
  const hits = counter('cache_hits_total', ['cache']);
  const misses = counter('cache_misses_total', ['cache']);
  hits.inc({ cache: 'product' }, 30);
  misses.inc({ cache: 'product' }, 10);
  gauge('cache_entries', ['cache']).set({ cache: 'product' }, 9);
  counter('cache_evictions_total', ['cache', 'reason']).inc({ cache: 'product', reason: 'expired' }, 2);
  return { registry, decisions, hits, misses };
};

/** A server with the portal, two routes, and metrics that the test moves itself. */
export const startPortal = async (overrides: TestAppOverrides = {}) => {
  const metrics = createSlicesMetrics();
  const things = createRouter([
    route(readThing).handle(() => ({ status: 204 })),
    route(fail).handle(() => {
      throw new Error('planted');
    }),
  ]);
  const { registry } = metrics;
  const server = await startApp(createTestApp([things, createPortalRouter()], { registry, ...overrides }));
  const send = async (count: number): Promise<void> => {
    for (let id = 0; id < count; id += 1) await server.request('GET', `/things/${id}`);
  };
  return { ...server, ...metrics, send };
};
