import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { output, ZodObject } from 'zod';
import type { serverSettings } from '#src/config/server-settings.ts';
import { loadSettings, SettingsError } from '#src/config/settings.ts';
import { StartError } from '#src/config/start-error.ts';
import { createHealth, type Health, type HealthCheck } from '#src/observability/health.ts';
import { observeServer } from '#src/observability/observe-server.ts';
import { type App, type AppDeps, type AppOptions, createAdminApp, createApp } from '../app/app.ts';
import type { ContractRouter } from '../route/router.ts';
import { createShutdown, type Shutdown } from './graceful-shutdown.ts';
import { createHttpServer } from './http-server.ts';
import { listen, stopOnSignals } from './listen.ts';
import { networkOptions, urlOf } from './network-options.ts';

/** What a server has while it starts. */
export interface ServerContext<Settings> {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  /** Whatever must be closed: in reverse order, after the last request or where the start fails. */
  readonly resources: AsyncDisposableStack;
  /** What readiness depends on, by name. To be filled by `start`. */
  readonly checks: Record<string, HealthCheck>;
  /** Named in the log line of the start. To be filled by `start`. */
  readonly details: Record<string, string>;
}

type ServerSchema = ZodObject<ReturnType<typeof serverSettings>>;

export interface ServerDefinition<Schema extends ServerSchema> {
  /** Names the service in each log line: `gift-grant`. */
  readonly name: string;
  readonly title: string;
  /** One sentence: what the server does. */
  readonly description: string;
  readonly version?: string;
  readonly settings: Schema;
  /** Opens what the server needs and returns its routers. */
  readonly start: (
    server: ServerContext<output<Schema>>,
  ) => Promise<readonly ContractRouter[]> | readonly ContractRouter[];
}

interface Listener {
  readonly app: App;
  /** The setting that chooses the port. */
  readonly setting: 'PORT' | 'ADMIN_PORT';
  readonly port: number;
}

type Network = ReturnType<typeof networkOptions>;

const listeners = (network: Network, about: AppOptions, deps: AppDeps): readonly Listener[] => {
  const main: Listener = { app: createApp(about, deps), setting: 'PORT', port: network.port };
  if (network.adminPort === undefined) return [main];
  return [main, { app: createAdminApp(about, deps), setting: 'ADMIN_PORT', port: network.adminPort }];
};

/** Begins to listen; resolves with the address and with what ends it. */
const open = async ({ app: { express, health, logger }, setting, port }: Listener, network: Network) => {
  const { host } = network;
  const server = createHttpServer(express, { ...network, logger });
  const shutdown = createShutdown(server, health, network);
  return { shutdown, url: urlOf(host, await listen(server, { host, port, setting })) };
};

/** Ends all of them side by side. */
const together =
  (shutdowns: readonly Shutdown[]): Shutdown =>
  async () => {
    const outcomes = await Promise.all(shutdowns.map((shutdown) => shutdown()));
    return outcomes.includes('cut') ? 'cut' : 'clean';
  };

const run = async <Schema extends ServerSchema>(
  { name, title, description, version = '0.1.0', settings: schema, start }: ServerDefinition<Schema>,
  resources: AsyncDisposableStack,
): Promise<void> => {
  const { values: settings } = loadSettings(schema);
  const network = networkOptions(settings);
  const { logger, registry } = observeServer(name, settings);
  const checks: Record<string, HealthCheck> = {};
  const details: Record<string, string> = {};
  const onFailure = (check: string, error: unknown) => logger.warn({ err: error, check }, 'not ready');
  const health = createHealth(checks, { onFailure });

  const routers = await start({ settings, logger, registry, health, resources, checks, details });
  const namesDemoTokens = settings.APP_ENV !== 'production';
  const about = { title, description, version, namesDemoTokens, ...network };
  const deps = { routers, logger, registry, health, exposure: network.exposure };
  const opened: Awaited<ReturnType<typeof open>>[] = [];
  for (const listener of listeners(network, about, deps)) opened.push(await open(listener, network));
  stopOnSignals(together(opened.map(({ shutdown }) => shutdown)), { resources, logger });
  // Behind the handlers: who reads this line may signal at once.
  const [url, admin_url] = opened.map((each) => each.url);
  logger.info({ url, admin_url, node: process.version, ...details }, 'listening');
};

/** Failures of the system and of databases carry a code, and a message that says what could not be had. */
const isExplained = (error: unknown): error is Error =>
  error instanceof SettingsError ||
  error instanceof StartError ||
  (error instanceof Error && 'code' in error);

/**
 * Runs a server until a signal ends it: settings, log and metrics, what `start` opens, the app, the listeners. A failure
 * to start closes what was opened and ends the process with exit code 1; foreseen ones without a stack.
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
