import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absolutePath } from 'swagger-ui-dist';
import { defineRoute } from './contract.ts';
import { escapeHtml, htmlType } from './page.ts';
import { type Route, route } from './router.ts';

const page = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

// A file of its own, since the content security policy allows no inline script.
const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
});
`;

const defineFile = (path: string, name: string, mediaType: string) =>
  defineRoute({
    method: 'GET',
    path,
    name,
    summary: 'A file of the explorer',
    tag: 'system',
    unlisted: true,
    responses: { 200: { description: 'The file', mediaType } },
  });

const scriptType = 'text/javascript; charset=utf-8';
const revalidate = { 'Cache-Control': 'public, max-age=3600' };

/** `GET /docs`: Swagger UI from the installed package; the page asks nobody but this server. */
export const docsRoutes = (title: string): readonly Route[] => {
  const read = (file: string): string => readFileSync(join(absolutePath(), file), 'utf8');
  const file = (path: string, name: string, mediaType: string, content: () => string): Route => {
    let text: string | undefined;
    return route(defineFile(path, name, mediaType)).handle(() => {
      text ??= content();
      return { status: 200, headers: revalidate, text };
    });
  };
  return [
    file('/docs', 'readDocs', htmlType, () => page(title)),
    file('/docs/start.js', 'readDocsStart', scriptType, () => start),
    file('/docs/swagger-ui.css', 'readDocsStyle', 'text/css; charset=utf-8', () => read('swagger-ui.css')),
    file('/docs/swagger-ui-bundle.js', 'readDocsBundle', scriptType, () => read('swagger-ui-bundle.js')),
  ];
};
