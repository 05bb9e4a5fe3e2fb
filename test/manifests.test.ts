import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  listPackages,
  ROOT,
  readManifest,
  type WorkspacePackage,
  withDependencies,
} from '../lab/workspace.ts';
import {
  forbiddenDependencies,
  inexactVersions,
  unusualSlice,
  versionsOutsideCatalog,
} from './manifest-rules.ts';

const packages = listPackages();
const slices = packages.filter(({ folder }) => folder.startsWith('slices/'));
const workspace = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
const { catalog } = z.object({ catalog: z.record(z.string(), z.string()) }).parse(parse(workspace));

const planted = (
  id: string,
  dependencies: Record<string, string>,
  exports: unknown = {},
): WorkspacePackage => {
  const rest = { scripts: {}, devDependencies: {}, optionalDependencies: {} };
  return { id, folder: `slices/${id}`, manifest: { name: `@lab/${id}`, exports, dependencies, ...rest } };
};

describe('package.json files', () => {
  test('every version is exact and only in the catalog', () => {
    expect(inexactVersions(catalog)).toEqual([]);
    const manifests = [readManifest(ROOT), ...packages.map(({ manifest }) => manifest)];
    expect(manifests.flatMap(versionsOutsideCatalog)).toEqual([]);
  });

  test('a package depends only on what the design allows', () => {
    expect(packages.flatMap(forbiddenDependencies)).toEqual([]);
  });

  test('every slice has the same shape and a different port', () => {
    expect(slices.flatMap(unusualSlice)).toEqual([]);
    const ports = packages.flatMap(({ manifest }) => manifest.lab?.port ?? []);
    expect(new Set(ports).size).toBe(ports.length);
  });
});

describe('the rules on package.json files, on planted violations', () => {
  test('a range, a tag and a version outside the catalog are found', () => {
    const versions = { a: '^1.2.3', b: 'latest', c: '1.2', d: '1.2.3', e: '1.0.0-beta.17' };
    expect(inexactVersions(versions)).toEqual(['a ^1.2.3', 'b latest', 'c 1.2']);
    const { manifest } = planted('cart', { '@lab/shared': '*', zod: '4.6.7', pg: 'catalog:' });
    expect(versionsOutsideCatalog(manifest)).toEqual([
      '@lab/cart takes @lab/shared *',
      '@lab/cart takes zod 4.6.7',
    ]);
  });

  test('a slice that builds on another is found, unless the design allows it', () => {
    expect(forbiddenDependencies(planted('cart', { '@lab/echo-gateway': '' }))).toHaveLength(1);
    expect(
      forbiddenDependencies(planted('gift-history', { '@lab/gift-grant': '', '@lab/shared': '' })),
    ).toEqual([]);
    expect(
      forbiddenDependencies({ ...planted('shared', { '@lab/cart': '' }), folder: 'shared' }),
    ).toHaveLength(1);
  });

  test('a second export, another name and an unnamed pattern are found', () => {
    const exports = { '.': './src/index.ts', './store': './src/store.ts' };
    expect(unusualSlice({ ...planted('cart', {}, exports), id: 'carts' })).toHaveLength(3);
  });

  test('an isolated slice comes with its declared dependencies and theirs', () => {
    const shared = planted('shared', {});
    const grant = planted('gift-grant', { '@lab/shared': '' });
    const history = planted('gift-history', { '@lab/gift-grant': '' });
    const other = planted('echo-gateway', { '@lab/shared': '' });
    expect(withDependencies(history, [shared, grant, history, other])).toEqual([history, grant, shared]);
  });
});
