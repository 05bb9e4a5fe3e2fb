import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createLogger } from './logger.ts';
import { addProcessMetrics, createMetrics } from './metrics.ts';

interface ObservabilitySettings {
  readonly LOG_LEVEL: string;
  readonly APP_ENV: string;
}

/** What a launcher needs once in a process: the log, and a registry that holds the metrics of the process. */
export const observeServer = (
  service: string,
  { LOG_LEVEL: level, APP_ENV: environment }: ObservabilitySettings,
): { readonly logger: Logger; readonly registry: Registry } => {
  const registry = createMetrics();
  addProcessMetrics(registry);
  return { logger: createLogger({ service, level, environment }), registry };
};
