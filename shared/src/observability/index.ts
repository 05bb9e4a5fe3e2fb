export { createHealth, type Health, type HealthCheck, type HealthReport } from './health.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export { addProcessMetrics, createMetrics } from './metrics.ts';
export { observeServer } from './observe-server.ts';
