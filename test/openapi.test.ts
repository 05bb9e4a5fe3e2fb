import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { ROOT } from '../lab/workspace.ts';

const folder = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lint = (operation: object): { status: number | null; said: string } => {
  const file = join(folder, 'openapi.json');
  const info = { title: 'Planted', version: '1.0.0', license: { name: 'MIT', identifier: 'MIT' } };
  const paths = { '/planted': { get: operation } };
  const document = { openapi: '3.1.0', info, servers: [{ url: '/' }], security: [], paths };
  writeFileSync(file, JSON.stringify(document));
  const args = ['lint', '--config', join(ROOT, 'redocly.yaml'), file];
  const { status, stdout, stderr } = spawnSync('redocly', args, {
    env: withCommandsOf(ROOT, process.env),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return { status, said: stdout + stderr };
};

const responses = { 200: { description: 'Well' }, 404: { description: 'Gone' } };

test('a document that follows the recommended rules passes', () => {
  expect(lint({ operationId: 'plant', summary: 'Plant', responses })).toMatchObject({ status: 0 });
});

test('warnings of Redocly fail too', () => {
  const { status, said } = lint({ summary: 'Plant', responses });
  expect(status).toBe(1);
  expect(said).toContain('operation-operationId');
});
