import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  type ContractRouter,
  createRouter,
  defineRoute,
  escapeHtml,
  fileRoute,
  filesRoute,
  htmlType,
  route,
} from '@lab/shared/http';
import { z } from 'zod';

export interface PortalOptions {
  /** Where the page reads metrics: a path on the same server (default `/metrics`). */
  readonly metricsPath?: string;
}

/** The scripts that the browser loads, as they are: plain ES modules, in the folders they import each other from. */
const scripts = [
  ...['app', 'chart', 'charts', 'controls', 'feed', 'format', 'notice', 'panels'].map(
    (name) => `portal/${name}.js`,
  ),
  ...['exposition', 'figures', 'histogram', 'history', 'token-bucket', 'view'].map(
    (name) => `portal-figures/${name}.js`,
  ),
];

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });

const own = (file: string) => ({
  path: `/portal/${file}`,
  cacheControl: 'no-cache',
  read: () => readFileSync(new URL(`../${file}`, import.meta.url)),
});

/** A file of an installed package, next to its entry point. Its path has the version, so that it can be kept for a year. */
const installed = (name: string, entry: string, file: string) => {
  const { version } = manifest.parse(require(join(dirname(require.resolve(name)), '../package.json')));
  return {
    path: `/portal/${name}-${version}/${file}`,
    cacheControl: 'public, max-age=31536000, immutable',
    read: () => readFileSync(join(dirname(require.resolve(entry)), file)),
  };
};

interface PageAddresses {
  /** Where the router is mounted: empty, or `/shop`. */
  readonly base: string;
  /** Path of the metrics, from the root of the server. */
  readonly metricsPath: string;
  /** Addresses of modules by the name they are imported by, relative to `base`. */
  readonly modules: Readonly<Record<string, string>>;
  readonly styles: readonly string[];
}

/** JSON that does not end the script it stands in. */
const importMapOf = (base: string, modules: PageAddresses['modules']): string => {
  const imports = Object.fromEntries(Object.entries(modules).map(([name, path]) => [name, `${base}${path}`]));
  return JSON.stringify({ imports }).replaceAll('<', '\\u003c');
};

/**
 * The policy of this page alone, narrower than the house's: everything from this server, no styles in attributes. Browsers
 * take import maps only from within the page, so that one script is allowed by its hash.
 */
const policyOf = (importMap: string): string => {
  const hash = createHash('sha256').update(importMap).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join(';');
};

/** The page of the portal, and the content security policy that it needs. */
const renderPortal = ({ base, metricsPath, modules, styles }: PageAddresses) => {
  const importMap = importMapOf(base, modules);
  const at = (path: string) => escapeHtml(`${base}${path}`);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Metrics portal</title>
<link rel="icon" href="data:,">
${styles.map((path) => `<link rel="stylesheet" href="${at(path)}">`).join('\n')}
<script type="importmap">${importMap}</script>
<script type="module" src="${at('/portal/portal/app.js')}"></script>
</head>
<body>
<div id="portal" data-metrics="${escapeHtml(metricsPath)}">
<noscript><p class="plain">The charts need JavaScript. The figures behind them are at
<a href="${escapeHtml(metricsPath)}">${escapeHtml(metricsPath)}</a>.</p></noscript>
</div>
</body>
</html>
`;
  return { html, policy: policyOf(importMap) };
};

const about = { tag: 'system', unlisted: true, reveals: 'metrics', asksForToken: true } as const;

const readPortal = defineRoute({
  ...about,
  method: 'GET',
  path: '/portal',
  name: 'readPortal',
  summary: 'The metrics portal: a page with live charts of `/metrics`',
  responses: { 200: { description: 'The page', mediaType: htmlType } },
});

const style = { ...about, summary: 'A style sheet of the portal', mediaType: 'text/css; charset=utf-8' };

/**
 * `GET /portal`: one page that draws what `/metrics` says, and the files it loads. It reads nothing from other servers
 * and nothing but `/metrics`; where that wants `X-Admin-Token`, the page asks its reader for it.
 */
export const createPortalRouter = ({ metricsPath = '/metrics' }: PortalOptions = {}): ContractRouter => {
  const libraries = Object.entries({
    preact: installed('preact', 'preact', 'preact.mjs'),
    'preact/hooks': installed('preact', 'preact/hooks', 'hooks.mjs'),
    htm: installed('htm', 'htm', 'htm.mjs'),
    'htm/preact': installed('htm', 'htm/preact', 'index.mjs'),
    uplot: installed('uplot', 'uplot', 'uPlot.esm.js'),
  });
  const modules = Object.fromEntries(libraries.map(([name, { path }]) => [name, path]));
  const sheets = { page: own('portal/portal.css'), charts: installed('uplot', 'uplot', 'uPlot.min.css') };
  const addresses = { metricsPath, modules, styles: [sheets.charts.path, sheets.page.path] };
  return createRouter([
    route(readPortal).handle((req) => {
      const { html, policy } = renderPortal({ base: req.baseUrl, ...addresses });
      const headers = { 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' };
      return { status: 200, headers, text: html };
    }),
    fileRoute({ ...style, ...sheets.page, name: 'readPortalStyle' }),
    fileRoute({ ...style, ...sheets.charts, name: 'readChartStyle' }),
    filesRoute({
      ...about,
      path: '/portal/:folder/:file',
      name: 'readPortalScript',
      summary: 'A script of the portal',
      mediaType: 'text/javascript; charset=utf-8',
      params: z.strictObject({ folder: z.string(), file: z.string() }),
      files: new Map(
        [...libraries.map(([, file]) => file), ...scripts.map(own)].map((file) => [file.path, file]),
      ),
    }),
  ]);
};
