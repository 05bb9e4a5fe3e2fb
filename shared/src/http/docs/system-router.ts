import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Health } from '#src/observability/health.ts';
import { type ContractRouter, createRouter } from '../route/router.ts';
import { docsRoutes } from './docs-page.ts';
import { createOpenApiDocument, type DocumentInfo } from './openapi.ts';
import { problemCatalogueRoute } from './problem-catalogue.ts';
import { fileRoute } from './static-file.ts';
import { systemRoutes } from './system-routes.ts';

interface SystemDeps {
  readonly routers: readonly ContractRouter[];
  readonly registry: Registry;
  readonly health: Health;
}

/** What every server has beside its slices: health, metrics, the OpenAPI document, its explorer and the problems. */
export const systemRouter = (info: DocumentInfo, { routers, registry, health }: SystemDeps) => {
  const contracts = routers.flatMap((router) => router.contracts);
  const openApiRoute = fileRoute({
    path: '/openapi.json',
    name: 'readOpenApi',
    summary: 'This description of the server, in OpenAPI 3.1',
    mediaType: 'application/json; charset=utf-8',
    cacheControl: 'no-cache',
    body: z.looseObject({ openapi: z.string() }),
    read: () => JSON.stringify(openApi),
  });
  const routes = [
    ...systemRoutes(health, registry),
    ...docsRoutes(info.title),
    problemCatalogueRoute(contracts),
    openApiRoute,
  ];
  const openApi = createOpenApiDocument(info, [...contracts, ...routes.map(({ contract }) => contract)]);
  return { openApi, router: createRouter(routes) };
};
