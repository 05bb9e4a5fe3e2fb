import { z } from 'zod';
import { edgeProblems, notFound } from '#src/problem/common-problems.ts';
import { ProblemError, type ProblemType } from '#src/problem/problem.ts';
import { defineRoute, type RouteContract } from '../route/contract.ts';
import { type Route, route } from '../route/router.ts';
import { escapeHtml, htmlType, renderPage } from './page.ts';
import { problemsOf } from './problem-schema.ts';

/** Every problem the routes can answer, by code. Two definitions of one code are a mistake found at start. */
export const problemTable = (contracts: readonly RouteContract[]): ReadonlyMap<string, ProblemType> => {
  const table = new Map<string, ProblemType>();
  for (const type of [...edgeProblems, ...contracts.flatMap(problemsOf)]) {
    const known = table.get(type.code);
    if (known && known !== type) throw new Error(`The problem ${type.code} is defined twice.`);
    table.set(type.code, type);
  }
  return table;
};

const readProblem = defineRoute({
  method: 'GET',
  path: '/problems/:code',
  name: 'readProblem',
  summary: 'What an error code means; a page, or JSON where that is preferred',
  tag: 'system',
  params: z.strictObject({ code: z.string().max(64) }),
  responses: {
    200: {
      description: 'The documentation of the code',
      body: z.strictObject({ code: z.string(), status: z.int(), title: z.string(), explanation: z.string() }),
      alsoHtml: true,
    },
  },
  problems: [notFound],
});

const renderProblem = ({ code, status, title, explanation }: ProblemType, hasDocs: boolean): string =>
  renderPage(
    code,
    `<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(explanation)}</p>
<p class="muted">Status ${status}, code <code>${escapeHtml(code)}</code>.${hasDocs ? ' <a href="/docs">All routes</a>' : ''}</p>`,
  );

/** `GET /problems/:code`, generated from the table of codes. Its pages link to the documentation where everybody has it. */
export const problemCatalogueRoute = (
  contracts: readonly RouteContract[],
  { hasDocs }: { readonly hasDocs: boolean },
): Route => {
  const table = problemTable([...contracts, readProblem]);
  return route(readProblem).handle((req) => {
    const type = table.get(req.params.code);
    if (!type) throw new ProblemError(notFound);
    if (req.accepts(['html', 'json']) !== 'json') {
      return { status: 200, mediaType: htmlType, text: renderProblem(type, hasDocs) };
    }
    const { code, status, title, explanation } = type;
    return { status: 200, body: { code, status, title, explanation } };
  });
};
