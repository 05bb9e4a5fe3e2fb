import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { WorkspacePackage } from '../lab/workspace.ts';
import type { Source } from './sources.ts';
import { type Import, importsOf } from './syntax.ts';

/** Imports that leave a package by a relative path. */
export const climbingImports = (sources: Source[]): string[] =>
  sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => specifier.startsWith('../../'))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );

const packageNameOf = (specifier: string): string => {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
};

const isDeclared = ({ manifest, folder }: WorkspacePackage, path: string, name: string): boolean => {
  // Tests may import their own package like others do: by its name, through its exports.
  if (name in manifest.dependencies) return true;
  const shipped = path.startsWith(`${folder}/src/`);
  return !shipped && (name in manifest.devDependencies || name === manifest.name);
};

/** Whether the package exports `specifier`. A workspace package offers only what is in its `exports`. */
const isExported = (specifier: string, packages: WorkspacePackage[]): boolean => {
  const name = packageNameOf(specifier);
  const target = packages.find(({ manifest }) => manifest.name === name);
  if (!target) return true;
  const { exports } = target.manifest;
  return typeof exports === 'object' && exports !== null && `.${specifier.slice(name.length)}` in exports;
};

/**
 * Imports of `one` that its package.json does not declare, that a package does not export, or that leave the package by
 * path.
 */
export const undeclaredImports = (
  one: WorkspacePackage,
  sources: Source[],
  packages: WorkspacePackage[],
): string[] => {
  const faultOf = (path: string, specifier: string) => {
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(path), specifier);
      return target.startsWith(`${one.folder}/`) ? undefined : 'leaves its package';
    }
    // The package's own sources, through the `imports` of its package.json.
    if (specifier.startsWith('#')) return undefined;
    if (isBuiltin(specifier)) return specifier.startsWith('node:') ? undefined : 'lacks the prefix node:';
    if (!isDeclared(one, path, packageNameOf(specifier))) return 'is not declared';
    return isExported(specifier, packages) ? undefined : 'is not exported';
  };
  return sources.flatMap(({ path, text }) =>
    importsOf(text).flatMap(({ specifier }) => {
      const fault = faultOf(path, specifier);
      return fault ? `${path}: ${specifier} ${fault}` : [];
    }),
  );
};

const OUTSIDE_A_PATTERN = new Set(['express', 'better-sqlite3', 'pg', '@lab/shared/http']);

/** Forbidden imports in the pattern file and the files it imports by path. Type imports do not count. */
export const impurePattern = (patternPath: string, sources: Source[]): string[] => {
  const reached = new Set([patternPath]);
  const faults: string[] = [];
  for (const path of reached) {
    const source = sources.find((one) => one.path === path);
    if (!source) faults.push(`${path} does not exist`);
    for (const { specifier, isType } of importsOf(source?.text ?? '')) {
      if (isType) continue;
      if (specifier.startsWith('.')) reached.add(posix.join(posix.dirname(path), specifier));
      if (OUTSIDE_A_PATTERN.has(specifier)) faults.push(`${path} imports ${specifier}`);
    }
  }
  return faults;
};

/** The file of the package that an import refers to: by path, or as `#src/...`. */
const fileOf = (importer: string, specifier: string): string[] => {
  if (specifier.startsWith('.')) return [posix.join(posix.dirname(importer), specifier)];
  const [folder] = /^(?:slices\/)?[^/]+/.exec(importer) ?? [];
  return specifier.startsWith('#src/') ? [`${folder}/${specifier.slice(1)}`] : [];
};

/** One line for each import cycle, including type imports: `a.ts -> b.ts -> a.ts`. */
export const importCycles = (sources: Source[]): string[] => {
  const imports = new Map(
    sources.map(({ path, text }) => [
      path,
      importsOf(text).flatMap(({ specifier }) => fileOf(path, specifier)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, above: string[]): void => {
    if (above.includes(path)) {
      cycles.push([...above.slice(above.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const imported of imports.get(path) ?? []) visit(imported, [...above, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
  return cycles;
};

/** Imports of migrations that may change after they have run: anything from their own package, and code of others. */
export const livingImports = (sources: Source[]): string[] => {
  const isLiving = ({ specifier, isType }: Import) =>
    /^[.#]/.test(specifier) || (!isType && specifier !== 'kysely');
  return sources
    .filter(({ path }) => path.endsWith('/migrations.ts'))
    .flatMap(({ path, text }) =>
      importsOf(text)
        .filter(isLiving)
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
};
