import type { AppOptions } from './app.ts';
import type { ServeOptions } from './serve.ts';

interface NetworkSettings {
  readonly HOST: string;
  readonly PORT: number;
  readonly PUBLIC_URL?: string | undefined;
  readonly CORS_ORIGINS: readonly string[];
  readonly TRUST_PROXY?: string | undefined;
  readonly SHUTDOWN_TIMEOUT_MS: number;
}

type NetworkOptions = Omit<AppOptions, 'title' | 'description' | 'version'> &
  Omit<ServeOptions, 'close' | 'details'>;

/** What the settings of every server say to `createApp` and `serve`. */
export const networkOptions = (settings: NetworkSettings): NetworkOptions => ({
  host: settings.HOST,
  port: settings.PORT,
  publicUrl: settings.PUBLIC_URL ?? `http://${settings.HOST}:${settings.PORT}`,
  corsOrigins: settings.CORS_ORIGINS,
  trustProxy: settings.TRUST_PROXY,
  shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
});
