import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { Health } from '#src/observability/health.ts';
import { type Exposure, exposeRoutes } from '../route/exposure.ts';
import { type ContractRouter, mountRoutes, type Route } from '../route/router.ts';
import { docsRoutes } from './docs-page.ts';
import { frontPageRoute } from './front-page.ts';
import { createOpenApiDocument, type DocumentInfo } from './openapi.ts';
import { problemCatalogueRoutes } from './problem-catalogue.ts';
import { fileRoute } from './static-file.ts';
import { systemRoutes } from './system-routes.ts';

interface SystemDeps {
  readonly routers: readonly ContractRouter[];
  readonly registry: Registry;
  readonly health: Health;
  readonly exposure: Exposure;
}

const revealingDocs = (given: Route): Route => ({
  ...given,
  contract: { ...given.contract, reveals: 'docs' },
});

/**
 * The routes of every server besides its slices: health, metrics, the OpenAPI document, the API explorer, the error
 * codes, and a front page unless one of the routers has its own.
 */
export const systemRouter = (info: DocumentInfo, { routers, registry, health, exposure }: SystemDeps) => {
  const openApiRoute = fileRoute({
    path: '/openapi.json',
    name: 'readOpenApi',
    summary: 'This description of the server, in OpenAPI 3.1',
    mediaType: 'application/json; charset=utf-8',
    cacheControl: 'no-cache',
    body: z.looseObject({ openapi: z.string() }),
    read: () => JSON.stringify(openApi),
  });
  const ofSlices = routers.flatMap((router) => router.contracts);
  const hasFrontPage = ofSlices.some(({ method, path }) => method === 'GET' && path === '/');
  const frontPage = hasFrontPage ? [] : [frontPageRoute(info, { contracts: ofSlices, health, registry })];
  const docs = [...docsRoutes(info.title), openApiRoute, ...frontPage].map(revealingDocs);
  const exposed = exposeRoutes([...systemRoutes(health, registry), ...docs], exposure);
  const contracts = [...ofSlices, ...exposed.map(({ contract }) => contract)];
  const hasDocs = exposure.docs === 'everybody';
  const catalogue = problemCatalogueRoutes({ publicUrl: info.publicUrl, contracts, hasDocs });
  const problems = exposeRoutes(catalogue, exposure);
  const openApi = createOpenApiDocument(info, [...contracts, ...problems.map(({ contract }) => contract)]);
  return { openApi, router: mountRoutes([...exposed, ...problems], { callers: exposure.callers }) };
};
