import type { NetworkSettings } from '#src/config/server-settings.ts';
import { type Callers, createCallers } from '../route/callers.ts';
import type { Exposure } from '../route/exposure.ts';

/** An IPv6 address stands in brackets (RFC 3986, section 3.2.2). */
export const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Tokens of shoppers do not count here: they are no credentials of an operator. */
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

/** What the settings of every server say to `createApp`, `createHttpServer` and `createShutdown`. */
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
