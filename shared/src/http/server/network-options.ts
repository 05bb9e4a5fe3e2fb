import type { NetworkSettings } from '#src/config/server-settings.ts';
import { type Callers, createCallers } from '../route/callers.ts';
import type { Exposure } from '../route/exposure.ts';

/** The URL of a host and port. IPv6 addresses are in brackets (RFC 3986, section 3.2.2). */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Shoppers' tokens are left out, because they do not identify operators. */
const operators = (adminToken: string): Callers => {
  const callers = createCallers({ authTokens: new Map(), adminToken, trustUserHeader: false });
  return {
    ...callers,
    identify: (headers, wanted) => callers.identify({ 'x-admin-token': headers['x-admin-token'] }, wanted),
  };
};

const exposureOf = (settings: NetworkSettings): Exposure => {
  const otherwise = settings.ADMIN_PORT === undefined ? 'operators' : 'nobody';
  return {
    docs: settings.PUBLIC_DOCS ? 'everybody' : otherwise,
    metrics: settings.PUBLIC_METRICS ? 'everybody' : otherwise,
    callers: operators(settings.ADMIN_TOKEN),
  };
};

/** The options of `createApp`, `createHttpServer` and `createShutdown` from a server's settings. */
export const networkOptions = (settings: NetworkSettings) => ({
  host: settings.HOST,
  port: settings.PORT,
  adminPort: settings.ADMIN_PORT,
  exposure: exposureOf(settings),
  publicUrl: settings.PUBLIC_URL ?? urlOf(settings.HOST, settings.PORT),
  corsOrigins: settings.CORS_ORIGINS,
  trustProxy: settings.TRUST_PROXY,
  requestDeadlineMs: settings.REQUEST_DEADLINE_MS,
  writeTimeoutMs: settings.WRITE_TIMEOUT_MS,
  maxConnections: settings.MAX_CONNECTIONS,
  drainDelayMs: settings.DRAIN_DELAY_MS,
  timeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
});
