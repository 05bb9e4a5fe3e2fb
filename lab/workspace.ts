import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const versions = z.record(z.string(), z.string()).default({});

export const manifestSchema = z.object({
  name: z.string(),
  packageManager: z.string().optional(),
  engines: z.object({ node: z.string() }).optional(),
  exports: z.unknown().optional(),
  scripts: versions,
  dependencies: versions,
  devDependencies: versions,
  optionalDependencies: versions,
  /** What the lab needs to know about a slice: the file of its pattern, its default port and its theme. */
  lab: z.object({ pattern: z.string().optional(), port: z.int(), theme: z.string() }).optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;

export interface WorkspacePackage {
  /** The name of the folder, for `slice=`. */
  id: string;
  /** Relative to the root, with forward slashes. */
  folder: string;
  manifest: Manifest;
}

export const readManifest = (folder: string): Manifest => {
  return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
};

/** Every package of the workspace except the root: shared, testing, the slices by name, combined-demo. */
export const listPackages = (root: string = ROOT): WorkspacePackage[] => {
  const slices = readdirSync(join(root, 'slices')).sort();
  return ['shared', 'testing', ...slices.map((slice) => `slices/${slice}`), 'combined-demo']
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      id: folder.replace('slices/', ''),
      folder,
      manifest: readManifest(join(root, folder)),
    }));
};

/** The packages that `make run` can start. */
export const listServers = (root: string = ROOT): WorkspacePackage[] => {
  return listPackages(root).filter(({ folder }) => existsSync(join(root, folder, 'src/server.ts')));
};

/** `start` and every workspace package that it depends on, directly or indirectly. */
export const withDependencies = (
  start: WorkspacePackage,
  packages: WorkspacePackage[],
): WorkspacePackage[] => {
  const found = new Set([start]);
  for (const { manifest } of found) {
    const declared = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const one of packages) if (one.manifest.name in declared) found.add(one);
  }
  return [...found];
};
