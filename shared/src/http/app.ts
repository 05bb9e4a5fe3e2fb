import { randomUUIDv7 } from 'node:crypto';
import cors from 'cors';
import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Health } from '../observability/health.ts';
import { defineRoute, type RouteContract } from './contract.ts';
import { createDispatcher } from './dispatch.ts';
import { docsRoutes } from './docs-page.ts';
import { createErrorHandler } from './error-handler.ts';
import { createHttpMetrics } from './http-metrics.ts';
import { createMessageClasses, type MessageClasses } from './messages.ts';
import { createOpenApiDocument } from './openapi.ts';
import { problemCatalogueRoute } from './problem-catalogue.ts';
import { parseQuery } from './query.ts';
import { createRequestContext } from './request-context.ts';
import { type ContractRouter, createRouter, route } from './router.ts';
import { systemRoutes } from './system-routes.ts';

export interface AppOptions {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** Base of the links in problems and documents, without a slash at its end. */
  readonly publicUrl: string;
  /** Origins that browsers may call from; none: CORS is off. */
  readonly corsOrigins?: readonly string[];
  /** Express's `trust proxy`: whose `X-Forwarded-For` counts. Nobody's unless given. */
  readonly trustProxy?: string | undefined;
}

export interface AppDeps {
  readonly routers: readonly ContractRouter[];
  readonly logger: Logger;
  readonly registry: Registry;
  readonly health: Health;
  readonly newId?: () => string;
}

export interface App {
  readonly express: Express;
  /** For a server that is to serve the app; see `createHttpServer`. */
  readonly messages: MessageClasses;
  readonly contracts: readonly RouteContract[];
  readonly openApi: ReturnType<typeof createOpenApiDocument>;
  readonly health: Health;
  readonly logger: Logger;
}

const readOpenApi = defineRoute({
  method: 'GET',
  path: '/openapi.json',
  name: 'readOpenApi',
  summary: 'This description of the server, in OpenAPI 3.1',
  tag: 'system',
  responses: { 200: { description: 'The document', body: z.looseObject({ openapi: z.string() }) } },
});

/** What a browser hides from scripts of other origins unless it is named: the headers that the contracts promise. */
const promisedHeaders = (contracts: readonly RouteContract[]): string[] => {
  const responses = contracts.flatMap((contract) => Object.values(contract.responses));
  const names = responses.flatMap(({ headers = {} }) => Object.keys(headers));
  return [...new Set(['X-Request-Id', 'Retry-After', ...names])];
};

const crossOrigin = (origins: readonly string[], contracts: readonly RouteContract[]): RequestHandler => {
  const handle = cors({ origin: [...origins], exposedHeaders: promisedHeaders(contracts) });
  return (req, res, next) => {
    const isPlainOptions = req.method === 'OPTIONS' && !req.headers['access-control-request-method'];
    if (isPlainOptions) next();
    else handle(req, res, next);
  };
};

const systemRouter = (options: AppOptions, deps: AppDeps, contracts: readonly RouteContract[]) => {
  const routes = [
    ...systemRoutes(deps.health, deps.registry),
    ...docsRoutes(options.title),
    problemCatalogueRoute(contracts),
  ];
  const all = [...contracts, ...routes.map(({ contract }) => contract), readOpenApi];
  const openApi = createOpenApiDocument(options, all);
  const body = { ...openApi };
  return {
    openApi,
    router: createRouter([...routes, route(readOpenApi).handle(() => ({ status: 200, body }))]),
  };
};

/**
 * Composes routers into one Express app: context, routes, errors. The app does not listen yet and owns none of its
 * dependencies.
 */
export const createApp = (options: AppOptions, deps: AppDeps): App => {
  const { routers, logger, registry, health, newId = randomUUIDv7 } = deps;
  const system = systemRouter(
    options,
    deps,
    routers.flatMap((router) => router.contracts),
  );
  const mounted = [...routers, system.router];
  const contracts = mounted.flatMap((router) => router.contracts);

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', parseQuery);
  if (options.trustProxy !== undefined) app.set('trust proxy', options.trustProxy);

  const messages = createMessageClasses(app, options.publicUrl);

  const begin = createRequestContext({ logger, metrics: createHttpMetrics(registry), health, newId });
  const dispatch = createDispatcher(mounted.flatMap(({ routes }) => routes));
  const { corsOrigins = [] } = options;
  const allowOrigins = corsOrigins.length > 0 ? crossOrigin(corsOrigins, contracts) : undefined;
  // One handler where one is enough: each layer of Express costs every request.
  app.use((req, res, next) => {
    begin(req, res);
    return (allowOrigins ?? dispatch)(req, res, next);
  });
  if (allowOrigins) app.use(dispatch);
  app.use(createErrorHandler(options.publicUrl));

  return { express: app, messages, contracts, openApi: system.openApi, health, logger };
};
