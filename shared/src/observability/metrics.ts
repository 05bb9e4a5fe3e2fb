import { collectDefaultMetrics, Registry } from 'prom-client';

// Gauges that prom-client names like counters, which `promtool check metrics` rejects.
const misnamedGauges = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A separate registry for each server, so that two servers in one process share nothing. */
export const createMetrics = (): Registry => new Registry();

/** Adds CPU, memory, event loop and garbage collection of this process. Call it once per process. */
export const addProcessMetrics = (registry: Registry): void => {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedGauges) registry.removeSingleMetric(name);
};
