import { randomUUIDv7 } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Health } from '#src/observability/health.ts';
import type { createOpenApiDocument } from '../docs/openapi.ts';
import { systemRouter } from '../docs/system-router.ts';
import type { RouteContract } from '../route/contract.ts';
import { type Exposure, exposeRouter, onlyRevealing, openToAll } from '../route/exposure.ts';
import type { ContractRouter } from '../route/router.ts';
import { accessLog } from './access-log.ts';
import { byFirstSegment } from './by-first-segment.ts';
import { crossOrigin } from './cross-origin.ts';
import { deadline } from './deadline.ts';
import { httpMetrics } from './http-metrics.ts';
import { answerOptions, refuseOtherMethods, refuseUnknownPaths } from './other-methods.ts';
import { problemHandler } from './problem-handler.ts';
import { requestContext } from './request-context.ts';
import { securityHeaders } from './security-headers.ts';
import { refuseMalformed } from './well-formed.ts';

export interface AppOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Show the development tokens in the documentation. Only for servers that accept them. */
  readonly namesDemoTokens?: boolean;
  /** Base URL of links in problems and documents, without a trailing slash. */
  readonly publicUrl: string;
  /** Origins that browsers may call from. If empty, CORS is off. */
  readonly corsOrigins?: readonly string[];
  /** Express's `trust proxy`: which proxies' `X-Forwarded-For` is trusted (default: none). */
  readonly trustProxy?: number | readonly string[] | undefined;
  /** Longest time until a response starts, in milliseconds (default 30,000). */
  readonly requestDeadlineMs?: number;
}

export interface AppDeps {
  readonly routers: readonly ContractRouter[];
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  /** Who may see documentation and metrics (default: everyone). */
  readonly exposure?: Exposure;
  readonly newId?: () => string;
}

export interface App {
  readonly express: Express;
  readonly contracts: readonly RouteContract[];
  readonly openApi: ReturnType<typeof createOpenApiDocument>;
  readonly health: Health;
  readonly logger: Logger;
}

const refuseDuplicates = (contracts: readonly RouteContract[]): void => {
  const seen = new Set<string>();
  for (const { method, path } of contracts) {
    const shape = `${method} ${path.replaceAll(/:\w+/g, ':')}`;
    if (seen.has(shape)) throw new Error(`two routes have the same method and path: ${shape}`);
    seen.add(shape);
  }
};

interface Surface {
  readonly routers: readonly ContractRouter[];
  readonly system: ReturnType<typeof systemRouter>;
  /** Middleware that sees each request as soon as it has its ids. */
  readonly observers: readonly RequestHandler[];
}

const compose = (options: AppOptions, deps: AppDeps, { routers, system, observers }: Surface): App => {
  const { publicUrl, corsOrigins = [], trustProxy, requestDeadlineMs = 30_000 } = options;
  const { logger, health, newId = randomUUIDv7 } = deps;
  const contracts = [...routers, system.router].flatMap((router) => router.contracts);
  refuseDuplicates(contracts);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy);

  app.use(requestContext({ logger, newId }));
  app.use(...observers);
  app.use(securityHeaders({ publicUrl }));
  if (corsOrigins.length > 0) app.use(crossOrigin(corsOrigins, contracts));
  app.use(refuseMalformed, deadline(requestDeadlineMs), answerOptions(contracts));
  app.use(byFirstSegment([...routers, system.router]));
  app.use(refuseOtherMethods(contracts), refuseUnknownPaths);
  app.use(problemHandler({ publicUrl }));

  return { express: app, contracts, openApi: system.openApi, health, logger };
};

/**
 * Composes routers into one Express app. The app does not listen yet and does not own its dependencies. Throws if two
 * routes have the same method and path.
 */
export const createApp = (options: AppOptions, deps: AppDeps): App => {
  const { exposure = openToAll, logger, registry } = deps;
  const routers = deps.routers.map((router) => exposeRouter(router, exposure));
  const system = systemRouter(options, { ...deps, routers, exposure });
  return compose(options, deps, { routers, system, observers: [accessLog(logger), httpMetrics(registry)] });
};

/**
 * The app for the operators' port: health, documentation and metrics, open to everyone who can reach the port. Its
 * requests are logged but not counted, because the metrics describe the public port.
 */
export const createAdminApp = (options: AppOptions, deps: AppDeps): App => {
  const info = { ...options, serverUrl: options.publicUrl };
  const system = systemRouter(info, { ...deps, exposure: openToAll });
  const routers = deps.routers.map(onlyRevealing);
  return compose(options, deps, { routers, system, observers: [accessLog(deps.logger)] });
};
