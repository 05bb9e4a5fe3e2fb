import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../lab/workspace.ts';
import { problemTable } from '../shared/src/http/index.ts';
import { createDemoApp } from './demo-contracts.ts';

test('docs/errors.md is the table of codes (vitest -u writes it)', async () => {
  const app = await createDemoApp();

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
