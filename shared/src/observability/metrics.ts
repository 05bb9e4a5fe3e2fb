import { collectDefaultMetrics, Registry } from 'prom-client';

// Gauges that prom-client names as if they were counters; `promtool check metrics` objects to them.
const misnamedGauges = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A registry of its own for each server: nothing is shared between two that run in one process. */
export const createMetrics = (): Registry => new Registry();

/** Adds CPU, memory, event loop and garbage collection of this process. For launchers: once in a process. */
export const addProcessMetrics = (registry: Registry): void => {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedGauges) registry.removeSingleMetric(name);
};
