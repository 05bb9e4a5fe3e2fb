export { createHealth, type Health } from './health.ts';
export { createLogger } from './logger.ts';
export { addProcessMetrics, createMetrics } from './metrics.ts';
