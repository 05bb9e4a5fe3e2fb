import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lab/workspace.ts';

/** A file of the repository; its path is relative to the root, with forward slashes. */
export interface Source {
  path: string;
  text: string;
}

const LEFT_OUT = new Set(['node_modules', 'data', 'coverage']);

/** All files below `folder` (relative to the root), as their paths. Installed packages are never entered. */
export const pathsIn = (folder: string): string[] => {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !LEFT_OUT.has(entry.name) ? pathsIn(path) : [];
  });
};

export const sourcesIn = (folder: string): Source[] => {
  return pathsIn(folder)
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
};
