import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Route } from '../route/router.ts';
import { escapeHtml, htmlType } from './page.ts';
import { fileRoute } from './static-file.ts';

const require = createRequire(import.meta.url);
// By its manifest: the package's own entry point would load all of the explorer into this process.
const manifest = require.resolve('swagger-ui-dist/package.json');
const { version } = require(manifest) as { version: string };
const assets = `/docs/${version}`;

const page = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="${assets}/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

// A separate file, because the content security policy allows no inline scripts.
const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
});
`;

const scriptType = 'text/javascript; charset=utf-8';
// Pages may change with each release. The explorer's files change only with its version, which is in their paths.
const revalidate = 'no-cache';
const forAYear = 'public, max-age=31536000, immutable';

/** `GET /docs`: Swagger UI from the installed package. The page loads nothing from other servers. */
export const docsRoutes = (title: string): readonly Route[] => {
  const about = { summary: 'A file of the API explorer', unlisted: true, cacheControl: revalidate } as const;
  const asset = (file: string) => ({
    ...about,
    path: `${assets}/${file}`,
    cacheControl: forAYear,
    read: () => readFileSync(join(dirname(manifest), file)),
  });
  return [
    { ...about, path: '/docs', name: 'readDocs', mediaType: htmlType, read: () => page(title) },
    { ...about, path: '/docs/start.js', name: 'readDocsStart', mediaType: scriptType, read: () => start },
    { ...asset('swagger-ui.css'), name: 'readDocsStyle', mediaType: 'text/css; charset=utf-8' },
    { ...asset('swagger-ui-bundle.js'), name: 'readDocsBundle', mediaType: scriptType },
  ].map(fileRoute);
};
