import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkAlone, copyAlone } from '../lab/alone.ts';
import { listPackages, withDependencies } from '../lab/workspace.ts';

const packages = listPackages();
const [slice] = packages.filter(({ folder }) => folder.startsWith('slices/'));
if (!slice) throw new Error('There is no slice to test alone');
const alone = copyAlone(withDependencies(slice, packages));

afterEach(() => rmSync(alone, { recursive: true, force: true }));

test('a slice that imports what it does not declare fails in isolation', { timeout: 60_000 }, async () => {
  const others = packages.filter(({ folder }) => folder.startsWith('slices/') && folder !== slice.folder);
  expect(others.filter(({ folder }) => existsSync(join(alone, folder)))).toEqual([]);
  appendFileSync(join(alone, slice.folder, 'src/index.ts'), "import 'autocannon';\n");
  let output = '';
  const onOutput = (text: string) => {
    output += text;
  };
  expect(await checkAlone(slice.folder, alone, { onOutput })).not.toBe(0);
  expect(output).toContain("Cannot find module or type declarations for side-effect import of 'autocannon'");
});
