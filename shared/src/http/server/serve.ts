import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { output, ZodObject } from 'zod';
import { describeSettings } from '#src/config/describe-settings.ts';
import type { serverSettings } from '#src/config/server-settings.ts';
import { loadSettings } from '#src/config/settings.ts';
import { StartError } from '#src/config/start-error.ts';
import { createHealth, type Health, type HealthCheck } from '#src/observability/health.ts';
import { createLogger } from '#src/observability/logger.ts';
import { addProcessMetrics, createMetrics } from '#src/observability/metrics.ts';
import { type AppDeps, type AppOptions, createAdminApp, createApp } from '../app/app.ts';
import type { ContractRouter } from '../route/router.ts';
import { createShutdown, type Shutdown } from './graceful-shutdown.ts';
import { createHttpServer } from './http-server.ts';
import { listen, stopOnSignals } from './listen.ts';
import { networkOptions, urlOf } from './network-options.ts';

/** What `start` receives. */
export interface ServerContext<Settings> {
  readonly settings: Settings;
  /** The settings with their sources, and with secrets redacted. */
  readonly described: ReturnType<typeof describeSettings>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  /** Resources to close, in reverse order, after the last request or if the start fails. */
  readonly resources: AsyncDisposableStack;
  /** Readiness checks by name, to be added by `start`. */
  readonly checks: Record<string, HealthCheck>;
  /** Fields for the log line of the start, to be added by `start`. */
  readonly details: Record<string, string>;
}

type ServerSchema = ZodObject<ReturnType<typeof serverSettings>>;

export interface ServerDefinition<Schema extends ServerSchema> {
  /** Name of the service in each log line: `gift-grant`. */
  readonly name: string;
  readonly title: string;
  /** One sentence: what the server does. */
  readonly description: string;
  readonly settings: Schema;
  /** Opens what the server needs and returns its routers. */
  readonly start: (
    server: ServerContext<output<Schema>>,
  ) => Promise<readonly ContractRouter[]> | readonly ContractRouter[];
}

type Network = ReturnType<typeof networkOptions>;

/** The apps, each with its port and the setting that selects it. */
const listeners = (network: Network, about: AppOptions, deps: AppDeps) => {
  const main = { app: createApp(about, deps), setting: 'PORT', port: network.port };
  if (network.adminPort === undefined) return [main];
  return [main, { app: createAdminApp(about, deps), setting: 'ADMIN_PORT', port: network.adminPort }];
};

type Listener = ReturnType<typeof listeners>[number];

/** Starts to listen; resolves with the URL and with a function that stops the server. */
const open = async ({ app: { express, health, logger }, setting, port }: Listener, network: Network) => {
  const { host } = network;
  const server = createHttpServer(express, { ...network, logger });
  const shutdown = createShutdown(server, health, network);
  return { shutdown, url: urlOf(host, await listen(server, { host, port, setting })) };
};

/** Runs all shutdowns in parallel. */
const together =
  (shutdowns: readonly Shutdown[]): Shutdown =>
  async () => {
    const outcomes = await Promise.all(shutdowns.map((shutdown) => shutdown()));
    return outcomes.includes('cut') ? 'cut' : 'clean';
  };

const run = async <Schema extends ServerSchema>(
  { name, title, description, settings: schema, start }: ServerDefinition<Schema>,
  resources: AsyncDisposableStack,
): Promise<void> => {
  const loaded = loadSettings(schema);
  const { values: settings } = loaded;
  const described = describeSettings(schema, loaded);
  const network = networkOptions(settings);
  const logger = createLogger({ service: name, level: settings.LOG_LEVEL, environment: settings.APP_ENV });
  const registry = createMetrics();
  addProcessMetrics(registry);
  const checks: Record<string, HealthCheck> = {};
  const details: Record<string, string> = {};
  const onFailure = (check: string, error: unknown) => logger.warn({ err: error, check }, 'not ready');
  const health = createHealth(checks, { onFailure });

  const routers = await start({ settings, described, logger, registry, health, resources, checks, details });
  const namesDemoTokens = settings.APP_ENV !== 'production';
  const about = { title, description, version: '0.1.0', namesDemoTokens, ...network };
  const deps = { routers, logger, registry, health, exposure: network.exposure };
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (const listener of listeners(network, about, deps)) opened.push(await open(listener, network));
  stopOnSignals(together(opened.map(({ shutdown }) => shutdown)), { resources, logger });
  // After the signal handlers are set, because a process that reads this line may send a signal at once.
  const [url, admin_url] = opened.map((each) => each.url);
  logger.info({ url, admin_url, node: process.version, ...details }, 'listening');
};

/** System and database errors have a code, and a message that explains them. */
const isExplained = (error: unknown): error is Error =>
  error instanceof StartError || (error instanceof Error && 'code' in error);

/**
 * Runs a server until a signal ends it: reads settings, creates log and metrics, calls `start`, creates the app and
 * listens. If the start fails, it closes what was opened and exits with code 1. Expected failures are printed without a
 * stack trace.
 */
export const serve = async <Schema extends ServerSchema>(
  definition: ServerDefinition<Schema>,
): Promise<void> => {
  const resources = new AsyncDisposableStack();
  try {
    await run(definition, resources);
  } catch (error) {
    process.stderr.write(
      isExplained(error) ? `${error.message}\n` : `${error instanceof Error ? error.stack : error}\n`,
    );
    await resources.disposeAsync().catch(() => undefined);
    process.exit(1);
  }
};
