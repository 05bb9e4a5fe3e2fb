import type { NetworkSettings } from '#src/config/server-settings.ts';

/** What the settings of every server say to `createApp`, `createHttpServer` and `createShutdown`. */
export const networkOptions = (settings: NetworkSettings) => ({
  host: settings.HOST,
  port: settings.PORT,
  publicUrl: settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`,
  corsOrigins: settings.CORS_ORIGINS,
  trustProxy: settings.TRUST_PROXY,
  requestDeadlineMs: settings.REQUEST_DEADLINE_MS,
  writeTimeoutMs: settings.WRITE_TIMEOUT_MS,
  maxConnections: settings.MAX_CONNECTIONS,
  drainDelayMs: settings.DRAIN_DELAY_MS,
  timeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
});
