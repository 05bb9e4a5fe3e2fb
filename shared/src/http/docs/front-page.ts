import type { Registry } from 'prom-client';
import type { Health, HealthReport } from '#src/observability/health.ts';
import { defineRoute, type RouteContract, type Tag } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';
import { curlOf } from './curl.ts';
import { type DocumentInfo, tagOf, tagsOf } from './openapi.ts';
import { escapeHtml, htmlType, renderPage, renderText } from './page.ts';
import { demoTokens } from './security-schemes.ts';

interface FrontPageDeps {
  /** The routes to show, in this order and grouped by tag. */
  readonly contracts: readonly RouteContract[];
  readonly health: Health;
  readonly registry: Registry;
}

const readFrontPage = defineRoute({
  method: 'GET',
  path: '/',
  name: 'readFrontPage',
  summary: 'What this server does, and its routes as curl commands',
  tag: 'system',
  unlisted: true,
  responses: { 200: { description: 'The page', mediaType: htmlType } },
});

type Counts = ReadonlyMap<string, number>;

/** Requests answered so far, by method and route template. */
const countRequests = async (registry: Registry): Promise<Counts> => {
  const metric = await registry.getSingleMetric('http_requests_total')?.get();
  const counts = new Map<string, number>();
  for (const { labels, value } of metric?.values ?? []) {
    const key = `${labels.method} ${labels.route}`;
    counts.set(key, (counts.get(key) ?? 0) + value);
  }
  return counts;
};

const callerNames = { shopper: 'shoppers', operator: 'operators', either: 'shoppers and operators' } as const;

/** A link, if a click is all that the route needs. */
const renderPath = ({ method, path, caller }: RouteContract): string => {
  const code = `<code>${method} ${escapeHtml(path)}</code>`;
  return method === 'GET' && !caller && !path.includes(':') ? `<a href="${path}">${code}</a>` : code;
};

const renderRoute = (contract: RouteContract, curl: string, requests: number): string => {
  const notes = [
    ...(contract.caller ? [`for ${callerNames[contract.caller]}`] : []),
    `${requests} ${requests === 1 ? 'request' : 'requests'} so far`,
  ];
  const description = contract.description ? ` ${renderText(contract.description)}` : '';
  return `<h3>${renderPath(contract)}</h3>
<p>${renderText(contract.summary)}.${description} <span class="muted">(${notes.join(', ')})</span></p>
<pre><code>${escapeHtml(curl)}</code></pre>`;
};

const renderHealth = ({ status, checks }: HealthReport): string => {
  const parts = Object.entries(checks).map(
    ([name, check]) => `${escapeHtml(name)} ${check.status}, ${check.latency_ms} ms`,
  );
  const details = parts.length > 0 ? ` <span class="muted">(${parts.join('; ')})</span>` : '';
  return `<p>Health: <strong>${status}</strong>${details}</p>`;
};

const tokens = `<p>Demo tokens: shoppers send <code>Authorization: Bearer ${demoTokens.shopper}</code> (user 1) or
<code>Bearer ${demoTokens.otherShopper}</code> (user 2), operators <code>X-Admin-Token: ${demoTokens.operator}</code>.
They are the defaults in development.</p>`;

const links = `<p><a href="/docs">Try the routes</a>, <a href="/problems">error codes</a>,
<a href="/openapi.json">OpenAPI document</a>, <a href="/metrics">metrics</a>, <a href="/health">health</a></p>`;

/** The routes of one tag. Only the counts are rendered for each request. */
const tagRenderer = (
  { name, description }: Tag,
  contracts: readonly RouteContract[],
  info: DocumentInfo,
): ((counts: Counts) => string) => {
  const options = { publicUrl: info.publicUrl, namesDemoTokens: info.namesDemoTokens ?? false };
  const routes = contracts
    .filter((contract) => tagOf(contract).name === name)
    .map((contract) => ({ contract, curl: curlOf(contract, options) }));
  const about = description === info.description ? '' : `<p>${renderText(description)}</p>`;
  const head = `<h2><a href="/docs#/${encodeURIComponent(name)}">${escapeHtml(name)}</a></h2>\n${about}`;
  return (counts) => {
    const shown = routes.map(({ contract, curl }) =>
      renderRoute(contract, curl, counts.get(`${contract.method} ${contract.path}`) ?? 0),
    );
    return `${head}\n${shown.join('\n')}`;
  };
};

/**
 * `GET /`: what the server does, its health, and each of its routes as a curl command from the contract's examples. The
 * page makes no further requests.
 */
export const frontPageRoute = (info: DocumentInfo, { contracts, health, registry }: FrontPageDeps): Route => {
  const listed = contracts.filter(({ unlisted }) => !unlisted);
  const renderers = tagsOf(listed).map((tag) => tagRenderer(tag, listed, info));
  const tokensOrNone = info.namesDemoTokens && listed.some(({ caller }) => caller) ? tokens : '';
  return route(readFrontPage).handle(async () => {
    const [report, counts] = await Promise.all([health.report(), countRequests(registry)]);
    const content = `<h1>${escapeHtml(info.title)}</h1>
<p>${renderText(info.description)}</p>
${links}
${tokensOrNone}
${renderHealth(report)}
${renderers.map((render) => render(counts)).join('\n')}`;
    return { status: 200, text: renderPage(info.title, content) };
  });
};
