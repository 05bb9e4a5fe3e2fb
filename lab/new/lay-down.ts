import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withCommandsOf } from '../child.ts';
import { listPackages } from '../workspace.ts';
import { listedInReadme, plannedTheme, trackedAsStarted } from './listings.ts';
import { renamed, titleOf } from './name.ts';

const TEMPLATE = 'lab/new/template';
const NOT_COPIED = new Set(['node_modules', 'data']);

export interface NewSlice {
  readonly name: string;
  readonly port: number;
  /** What package.json and TRACKER.md call it. */
  readonly theme: string;
}

const nextPort = (root: string): number =>
  Math.max(...listPackages(root).map(({ manifest }) => manifest.lab?.port ?? 0)) + 1;

/** All files below a folder, as paths relative to it. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_COPIED.has(name))
    .flatMap((entry) =>
      entry.isDirectory()
        ? filesIn(join(folder, entry.name)).map((path) => `${entry.name}/${path}`)
        : [entry.name],
    );

const writeFiles = (root: string, folder: string, slice: NewSlice): void => {
  for (const path of filesIn(join(root, TEMPLATE))) {
    const text = readFileSync(join(root, TEMPLATE, path), 'utf8');
    const themed =
      path === 'package.json' ? text.replace('"Sample slice"', () => JSON.stringify(slice.theme)) : text;
    const target = join(folder, renamed(path, slice));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, renamed(themed, slice));
  }
};

/** Sorts imports and breaks lines anew, since both depend on the name. */
const format = (root: string, name: string): void => {
  const { status, stderr } = spawnSync('biome', ['check', '--write', `slices/${name}`], {
    cwd: root,
    env: withCommandsOf(root, process.env),
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`the new slice could not be formatted: ${stderr}`);
};

const showTakeHome = (folder: string): void => {
  const readme = join(folder, 'README.md');
  const app = readFileSync(join(folder, 'lab/take-home.ts'), 'utf8');
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace('```ts\nlab/take-home.ts\n', () => `\`\`\`ts\n${app}`),
  );
};

const writeSlice = (root: string, folder: string, slice: NewSlice): void => {
  writeFiles(root, folder, slice);
  format(root, slice.name);
  showTakeHome(folder);
};

/**
 * Writes `slices/NAME` from the template and lists it in TRACKER.md and README.md. The name must have passed `nameFault`.
 * Throws where that fails, and leaves everything as it was then.
 */
export const layDown = (root: string, name: string): NewSlice => {
  const [trackerFile, readmeFile] = [join(root, 'TRACKER.md'), join(root, 'README.md')];
  const [tracker, readme] = [readFileSync(trackerFile, 'utf8'), readFileSync(readmeFile, 'utf8')];
  const slice = { name, port: nextPort(root), theme: plannedTheme(tracker, name) ?? titleOf(name) };
  const newTracker = trackedAsStarted(tracker, slice);
  const newReadme = listedInReadme(readme, name);

  const folder = join(root, 'slices', name);
  mkdirSync(folder);
  try {
    writeSlice(root, folder, slice);
    writeFileSync(trackerFile, newTracker);
    writeFileSync(readmeFile, newReadme);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(trackerFile, tracker);
    writeFileSync(readmeFile, readme);
    throw error;
  }
  return slice;
};
