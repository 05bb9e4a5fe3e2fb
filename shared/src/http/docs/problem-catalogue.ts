import type { Request } from 'express';
import { z } from 'zod';
import { edgeProblems, notFound } from '#src/problem/common-problems.ts';
import { ProblemError, type ProblemType } from '#src/problem/problem.ts';
import { defineRoute, type RouteContract, type Tag } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';
import { escapeHtml, htmlType, renderPage, renderText } from './page.ts';
import { type ProblemExampleContext, problemExample } from './problem-example.ts';
import { problemsOf } from './problem-schema.ts';

/** Every problem that the routes can answer with, by code. Throws if a code is defined twice. */
export const problemTable = (contracts: readonly RouteContract[]): ReadonlyMap<string, ProblemType> => {
  const table = new Map<string, ProblemType>();
  for (const type of [...edgeProblems, ...contracts.flatMap(problemsOf)]) {
    const known = table.get(type.code);
    if (known && known !== type) throw new Error(`The problem ${type.code} is defined twice.`);
    table.set(type.code, type);
  }
  return table;
};

const summaryOf = ({ code, status, title, explanation }: ProblemType) => ({
  code,
  status,
  title,
  explanation,
});

const problemSummary = z
  .strictObject({ code: z.string(), status: z.int(), title: z.string(), explanation: z.string() })
  .meta({ id: 'lab.ProblemType', example: summaryOf(notFound) });

const tag: Tag = { name: 'system', description: 'Health, metrics and the documentation of this server.' };

const listProblems = defineRoute({
  method: 'GET',
  path: '/problems',
  name: 'listProblems',
  summary: 'All error codes, as a page or as JSON',
  tag,
  reveals: 'docs',
  responses: {
    200: {
      description: 'The codes, by status',
      body: z.strictObject({ items: z.array(problemSummary) }),
      alsoHtml: true,
    },
  },
});

const readProblem = defineRoute({
  method: 'GET',
  path: '/problems/:code',
  name: 'readProblem',
  summary: 'What an error code means, as a page or as JSON',
  tag,
  params: z.strictObject({ code: z.string().max(64).meta({ example: notFound.code }) }),
  responses: { 200: { description: 'The documentation of the code', body: problemSummary, alsoHtml: true } },
  problems: [notFound],
});

const renderList = (types: readonly ProblemType[]): string => {
  const rows = types.map(
    ({ code, status, title }) =>
      `<tr><td>${status}</td><td><a href="/problems/${code}"><code>${escapeHtml(code)}</code></a></td><td>${renderText(title)}</td></tr>`,
  );
  return renderPage(
    'Error codes',
    `<h1>Error codes</h1>
<p>Every error is <code>application/problem+json</code> (RFC 9457). Its <code>code</code> is one of these.
<a href="/">Front page</a>, <a href="/docs">all routes</a>.</p>
<table>
<thead><tr><th>Status</th><th>Code</th><th>Title</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`,
  );
};

interface ShownProblem {
  readonly type: ProblemType;
  readonly example: unknown;
  /** The routes that can answer with it; undefined if the documentation is not public. */
  readonly routes: readonly string[] | undefined;
}

const renderRoutes = (routes: readonly string[]): string => {
  const listed = routes.map((each) => `<code>${escapeHtml(each)}</code>`).join(', ');
  return `<h2>Where it occurs</h2>
<p>${listed || 'On any path, because it is raised before the request reaches a route.'}</p>
<p><a href="/problems">All error codes</a>, <a href="/docs">all routes</a></p>`;
};

const renderProblem = ({ type, example, routes }: ShownProblem): string =>
  renderPage(
    type.code,
    `<h1>${renderText(type.title)}</h1>
<p class="muted">Status ${type.status}, code <code>${escapeHtml(type.code)}</code></p>
<h2>What happened, and what to do</h2>
<p>${renderText(type.explanation)}</p>
<h2>Example</h2>
<pre><code>${escapeHtml(JSON.stringify(example, null, 2))}</code></pre>
${routes ? renderRoutes(routes) : ''}`,
  );

const wantsJson = (req: Pick<Request, 'accepts'>): boolean => req.accepts(['html', 'json']) === 'json';

interface CatalogueOptions extends ProblemExampleContext {
  /** The documentation is public, so pages list routes and link to it. */
  readonly hasDocs: boolean;
}

/** `GET /problems` and `GET /problems/:code`, generated from the table of codes. */
export const problemCatalogueRoutes = (options: CatalogueOptions): readonly Route[] => {
  const { publicUrl, hasDocs } = options;
  const contracts: readonly RouteContract[] = [...options.contracts, listProblems, readProblem];
  const shown = hasDocs ? contracts.filter(({ unlisted }) => !unlisted) : [];
  const table = problemTable(contracts);
  const sorted = [...table.values()].toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
  const routesOf = (type: ProblemType): string[] =>
    shown
      .filter((contract) => problemsOf(contract).includes(type))
      .map(({ method, path }) => `${method} ${path}`);

  return [
    route(listProblems).handle((req) =>
      wantsJson(req)
        ? { status: 200, body: { items: sorted.map(summaryOf) } }
        : { status: 200, mediaType: htmlType, text: renderList(sorted) },
    ),
    route(readProblem).handle((req) => {
      const type = table.get(req.params.code);
      if (!type) throw new ProblemError(notFound);
      if (wantsJson(req)) return { status: 200, body: summaryOf(type) };
      const example = problemExample(type, { publicUrl, contracts: shown });
      const text = renderProblem({ type, example, routes: hasDocs ? routesOf(type) : undefined });
      return { status: 200, mediaType: htmlType, text };
    }),
  ];
};
