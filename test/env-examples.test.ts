import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { envExampleOf } from '../lab/env-example.ts';
import { schemaOf } from '../lab/settings-schema.ts';
import { listServers, ROOT } from '../lab/workspace.ts';
import { loadSettings } from '../shared/src/config/index.ts';

describe.each(listServers())('.env.example of $id', ({ id, folder }) => {
  const path = join(ROOT, folder, '.env.example');

  test('is what `make examples` writes', async () => {
    expect(readFileSync(path, 'utf8')).toBe(envExampleOf(id, await schemaOf(folder)));
  });

  test('changes nothing when it is used as it is: its values are the defaults', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lab-env-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const schema = await schemaOf(folder);
    const untouched = loadSettings(schema, { directory, env: {} });
    writeFileSync(join(directory, '.env'), readFileSync(path, 'utf8').replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    const used = loadSettings(schema, { directory, env: {} });
    expect(used.values).toEqual(untouched.values);
    expect(new Set(Object.values(used.sources))).toContain('.env');
  });
});

test('the settings that servers share have descriptions', async () => {
  const { shape } = await schemaOf('slices/gift-history');
  expect(Object.entries(shape).flatMap(([name, each]) => (each.description ? [] : [name]))).toEqual([]);
});
