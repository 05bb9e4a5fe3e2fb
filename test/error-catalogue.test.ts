import { join } from 'node:path';
import { expect, test } from 'vitest';
import { combinedDemoSettings, composeDemo, openDemoDatabase } from '../combined-demo/src/index.ts';
import { ROOT } from '../lab/workspace.ts';
import { loadSettings } from '../shared/src/config/index.ts';
import { problemTable } from '../shared/src/http/index.ts';
import { createHealth, createMetrics } from '../shared/src/observability/index.ts';
import { createTestApp } from '../testing/src/index.ts';

test('docs/errors.md is the table of codes (vitest -u writes it)', async () => {
  const { values: settings } = loadSettings(combinedDemoSettings, { env: { APP_ENV: 'test' } });
  const db = await openDemoDatabase('sqlite::memory:', {});
  const registry = createMetrics();
  const health = createHealth({});
  const app = createTestApp(composeDemo(db, { settings, registry, health }), { registry, health });
  await db.destroy();

  const types = [...problemTable(app.contracts).values()].toSorted(
    (a, b) => a.status - b.status || a.code.localeCompare(b.code, 'en'),
  );
  const rows = types.map(
    ({ status, code, title, explanation }) => `| ${status} | \`${code}\` | ${title}. ${explanation} |`,
  );
  const page = `# Errors

Every error is \`application/problem+json\` (RFC 9457). Its \`code\` is one of these; \`GET /problems/<code>\` of each
server explains those that it can answer.

| Status | Code | Meaning |
|---|---|---|
${rows.join('\n')}
`;
  await expect(page).toMatchFileSnapshot(join(ROOT, 'docs/errors.md'));
});
