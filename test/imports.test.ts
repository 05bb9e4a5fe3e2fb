import { describe, expect, test } from 'vitest';
import { listPackages, type WorkspacePackage } from '../lab/workspace.ts';
import {
  climbingImports,
  importCycles,
  impurePattern,
  livingImports,
  undeclaredImports,
} from './import-rules.ts';
import { sourcesIn } from './sources.ts';
import { importsOf } from './syntax.ts';

const packages = listPackages();

const planted = (name: string, text: string) => {
  return [{ path: `slices/planted/src/${name}.ts`, text }];
};

const plantedSlice: WorkspacePackage = {
  id: 'planted',
  folder: 'slices/planted',
  manifest: {
    name: '@lab/planted',
    exports: { '.': './src/index.ts' },
    scripts: {},
    dependencies: { '@lab/shared': 'workspace:*', zod: 'catalog:' },
    devDependencies: { vitest: 'catalog:' },
    optionalDependencies: {},
  },
};

describe('imports of the repository', () => {
  test('none leaves its package by path', () => {
    const folders = ['lab', 'test', ...packages.map(({ folder }) => folder)];
    expect(climbingImports(folders.flatMap(sourcesIn))).toEqual([]);
  });

  test.each(packages)('$id imports only what it declares, through what is exported', (one) => {
    expect(undeclaredImports(one, sourcesIn(one.folder), packages)).toEqual([]);
  });

  test.each(['lab', 'test', ...packages.map(({ folder }) => folder)])(
    '%s: there are no import cycles',
    (folder) => {
      expect(importCycles(sourcesIn(folder))).toEqual([]);
    },
  );

  test.each(packages.filter(({ manifest }) => manifest.lab?.pattern))(
    '$id: the pattern knows neither Express nor a database driver',
    ({ folder, manifest }) => {
      expect(impurePattern(`${folder}/${manifest.lab?.pattern}`, sourcesIn(folder))).toEqual([]);
    },
  );
});

describe('migrations', () => {
  const migrations = packages
    .flatMap(({ folder }) => sourcesIn(folder))
    .filter(({ path }) => path.endsWith('/src/migrations.ts'));

  test('import nothing that may change after they have run', () => {
    expect(migrations.length).toBeGreaterThan(0);
    expect(livingImports(migrations)).toEqual([]);
  });

  test('are in no other file', () => {
    const others = packages
      .filter(({ folder }) => folder.startsWith('slices/'))
      .flatMap(({ folder }) => sourcesIn(`${folder}/src`))
      .filter(({ path, text }) => !path.endsWith('/migrations.ts') && text.includes(': SliceMigrations'));
    expect(others.map(({ path }) => path)).toEqual([]);
  });
});

describe('the rules on imports, on planted violations', () => {
  test('every form of import is seen', () => {
    const text = [
      "import { a } from 'a';",
      "import type { b } from 'b';",
      "import 'c';",
      "export { d } from 'd';",
      'import {\n  e,\n  type f,\n} from "e";',
      "const g = await import('g');",
      "export type { h } from 'h';",
      "export * from 'i';",
      "export const j = 'no module';",
      "export interface K { k: 'no module' } // import 'no module'",
    ].join('\n');
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual([...'abcdeghi']);
    const types = importsOf(text).filter(({ isType }) => isType);
    expect(types.map(({ specifier }) => specifier)).toEqual(['b', 'h']);
  });

  test('an import cycle is found, even of types; files that share an import are not one', () => {
    const sources = [
      ...planted('store', "import { listings } from './listings.ts';\nimport { page } from './page.ts';"),
      ...planted(
        'listings',
        "import type { Tables } from './store.ts';\nimport { page } from '#src/page.ts';",
      ),
      ...planted('page', "export { other } from '../test/other.ts';"),
    ];
    expect(importCycles(sources)).toEqual([
      'slices/planted/src/store.ts -> slices/planted/src/listings.ts -> slices/planted/src/store.ts',
    ]);
    expect(importCycles(sources.filter(({ path }) => !path.endsWith('listings.ts')))).toEqual([]);
    expect(importCycles(planted('self', "import { self } from './self.ts';"))).toHaveLength(1);
    expect(importCycles(planted('self', "import { self } from '#src/self.ts';"))).toHaveLength(1);
  });

  test('a path that leaves the package is refused', () => {
    const source = planted('router', "import { x } from '../../../shared/src/money/money.ts';");
    expect(climbingImports(source)).toHaveLength(1);
    expect(undeclaredImports(plantedSlice, source, packages)).toEqual([
      'slices/planted/src/router.ts: ../../../shared/src/money/money.ts leaves its package',
    ]);
  });

  test('undeclared and development dependencies are refused in src', () => {
    const text = "import { a } from 'decimal.js';\nimport { test } from 'vitest';\nimport { z } from 'zod';";
    expect(undeclaredImports(plantedSlice, planted('router', text), packages)).toEqual([
      'slices/planted/src/router.ts: decimal.js is not declared',
      'slices/planted/src/router.ts: vitest is not declared',
    ]);
    const asTest = [{ path: 'slices/planted/test/router.test.ts', text: "import { test } from 'vitest';" }];
    expect(undeclaredImports(plantedSlice, asTest, packages)).toEqual([]);
  });

  test('a deep import, another slice and a bare built-in are refused', () => {
    const text = [
      "import { a } from '@lab/shared/money';",
      "import { b } from '@lab/shared/src/money/money.ts';",
      "import { c } from '@lab/shared';",
      "import { d } from '@lab/cart-pricing';",
      "import { e } from 'fs';",
      "import { f } from 'node:fs';",
    ].join('\n');
    expect(undeclaredImports(plantedSlice, planted('router', text), packages)).toEqual([
      'slices/planted/src/router.ts: @lab/shared/src/money/money.ts is not exported',
      'slices/planted/src/router.ts: @lab/shared is not exported',
      'slices/planted/src/router.ts: @lab/cart-pricing is not declared',
      'slices/planted/src/router.ts: fs lacks the prefix node:',
    ]);
  });

  test('a pattern that reaches Express or a driver through another file is refused', () => {
    const sources = [
      ...planted('limiter', "import { store } from './store.ts';"),
      ...planted('store', "import Database from 'better-sqlite3';\nimport express from 'express';"),
    ];
    expect(impurePattern('slices/planted/src/limiter.ts', sources)).toEqual([
      'slices/planted/src/store.ts imports better-sqlite3',
      'slices/planted/src/store.ts imports express',
    ]);
    expect(impurePattern('slices/planted/src/gone.ts', sources)).toHaveLength(1);
  });

  test('migrations that import code, or anything of their own package, are refused', () => {
    const text = [
      "import { engineOf, type SliceMigrations } from '@lab/shared/database';",
      "import { sql } from 'kysely';",
      "import { MAX_QUANTITY } from './cart-store.ts';",
      "import type { CartTables } from './cart-store.ts';",
      "import type { Migration } from 'kysely/migration';",
    ].join('\n');
    expect(livingImports(planted('migrations', text))).toEqual([
      'slices/planted/src/migrations.ts imports @lab/shared/database',
      'slices/planted/src/migrations.ts imports ./cart-store.ts',
      'slices/planted/src/migrations.ts imports ./cart-store.ts',
    ]);
    expect(livingImports(planted('cart-store', text))).toEqual([]);
  });

  test('a type import does not count, because it does not exist at run time', () => {
    const sources = planted('limiter', "import type { Request } from 'express';");
    expect(impurePattern('slices/planted/src/limiter.ts', sources)).toEqual([]);
  });
});
