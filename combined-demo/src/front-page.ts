import {
  type ContractRouter,
  createRouter,
  defineRoute,
  escapeHtml,
  htmlType,
  type RouteContract,
  renderPage,
  route,
} from '@lab/shared/http';
import type { Health, HealthReport } from '@lab/shared/observability';
import type { Registry } from 'prom-client';

export interface FrontPageDeps {
  /** The routers to list, in this order; those of one slice as one. */
  readonly slices: readonly ContractRouter[];
  readonly health: Health;
  readonly registry: Registry;
}

const readFrontPage = defineRoute({
  method: 'GET',
  path: '/',
  name: 'readFrontPage',
  summary: 'What is plugged in, and how it fares',
  tag: 'system',
  unlisted: true,
  reveals: 'docs',
  responses: { 200: { description: 'The page', mediaType: htmlType } },
});

/** Requests answered so far, by route template. */
const countRequests = async (registry: Registry): Promise<ReadonlyMap<string, number>> => {
  const metric = await registry.getSingleMetric('http_requests_total')?.get();
  const counts = new Map<string, number>();
  for (const { labels, value } of metric?.values ?? []) {
    const key = `${labels.method} ${labels.route}`;
    counts.set(key, (counts.get(key) ?? 0) + value);
  }
  return counts;
};

const callerNames = { shopper: 'shopper', operator: 'operator', either: 'shopper or operator' } as const;

/** A link where a click is all that the route needs. */
const renderPath = ({ method, path, caller }: RouteContract): string => {
  const code = `<code>${method} ${escapeHtml(path)}</code>`;
  return method === 'GET' && !caller && !path.includes(':') ? `<a href="${path}">${code}</a>` : code;
};

const renderRoute = (contract: RouteContract, requests: number): string => `<tr>
<td>${renderPath(contract)}</td>
<td>${escapeHtml(contract.summary)}${contract.caller ? ` <span class="muted">(${callerNames[contract.caller]})</span>` : ''}</td>
<td>${requests}</td>
</tr>`;

const renderSlice = (
  tag: string,
  contracts: readonly RouteContract[],
  counts: ReadonlyMap<string, number>,
): string => {
  const rows = contracts.map((contract) =>
    renderRoute(contract, counts.get(`${contract.method} ${contract.path}`) ?? 0),
  );
  return `<h2><a href="/docs#/${encodeURIComponent(tag)}">${escapeHtml(tag)}</a></h2>
<table>
<thead><tr><th>Route</th><th>What it does</th><th>Requests</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`;
};

const renderHealth = ({ status, checks }: HealthReport): string => {
  const parts = Object.entries(checks).map(
    ([name, check]) => `${escapeHtml(name)} ${check.status}, ${check.latency_ms} ms`,
  );
  return `<p>Health: <strong>${status}</strong> <span class="muted">(${parts.join('; ')})</span></p>`;
};

/** `GET /`: every route that is plugged in, health, and requests so far. The page makes no request of its own. */
export const createFrontPage = ({ slices, health, registry }: FrontPageDeps): ContractRouter => {
  const byTag = Map.groupBy(
    slices.flatMap(({ contracts }) => contracts),
    ({ tag }) => tag,
  );
  return createRouter([
    route(readFrontPage).handle(async () => {
      const [report, counts] = await Promise.all([health.report(), countRequests(registry)]);
      const content = `<h1>eCommerce Lab</h1>
<p>The slices of the lab on one server.
<a href="/docs">Try the routes</a>, read <a href="/openapi.json">their description</a>, <a href="/metrics">metrics</a>, <a href="/health">health</a>.</p>
${renderHealth(report)}
${[...byTag].map(([tag, contracts]) => renderSlice(tag, contracts, counts)).join('\n')}`;
      return { status: 200, text: renderPage('eCommerce Lab', content) };
    }),
  ]);
};
