import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createLogger } from './logger.ts';
import { addProcessMetrics, createMetrics } from './metrics.ts';

interface ObservabilitySettings {
  readonly LOG_LEVEL: string;
  readonly APP_ENV: string;
}

/** The logger and the registry of a server, with the process metrics. Call it once per process. */
export const observeServer = (
  service: string,
  { LOG_LEVEL: level, APP_ENV: environment }: ObservabilitySettings,
): { readonly logger: Logger; readonly registry: Registry } => {
  const registry = createMetrics();
  addProcessMetrics(registry);
  return { logger: createLogger({ service, level, environment }), registry };
};
