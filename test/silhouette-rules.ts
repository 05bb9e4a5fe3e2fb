import { posix } from 'node:path';
import type { Source } from './sources.ts';

const REQUIRED = ['README.md', 'package.json', 'tsconfig.json', 'src/index.ts', 'src/server.ts'];
const SAYS_NOTHING = /^(.+-)?(utils?|helpers?|common|types|misc|services?|managers?)$/;
const MAX_LINES = 250;
const MAX_LAUNCHER_LINES = 30;
/** In one folder. A slice of two patterns has a folder in src/ for each. */
const MAX_FILES = 12;
const MAX_DEPTH = 3;

const linesOf = (text: string): number => {
  return text.replace(/\n$/, '').split('\n').length;
};

/** The median length of the files, in lines. */
export const medianLines = (sources: Source[]): number =>
  sources.map(({ text }) => linesOf(text)).toSorted((a, b) => a - b)[Math.floor(sources.length / 2)] ?? 0;

/** @param paths all files of the slice, relative to it */
export const missingOrMisplaced = (slice: string, paths: string[]): string[] => {
  const missing = REQUIRED.filter((path) => !paths.includes(path)).map((path) => `${slice} has no ${path}`);
  const inSrc = paths.filter((path) => path.startsWith('src/'));
  const crowded = Object.entries(Object.groupBy(inSrc, (path) => posix.dirname(path))).flatMap(
    ([folder, files = []]) =>
      files.length > MAX_FILES
        ? [`${slice}/${folder} has ${files.length} files, more than ${MAX_FILES}`]
        : [],
  );
  const nested = inSrc.filter((path) => path.split('/').length > MAX_DEPTH);
  return [...missing, ...crowded, ...nested.map((path) => `${slice}/${path} is too deep in src/`)];
};

export const oversizedLauncher = ({ path, text }: Source): string[] => {
  const lines = linesOf(text);
  return lines > MAX_LAUNCHER_LINES
    ? [`${path} has ${lines} lines, more than the ${MAX_LAUNCHER_LINES} of a launcher`]
    : [];
};

/** Files that are too long or have a meaningless name. */
export const unreadableFiles = (sources: Source[]): string[] => {
  return sources.flatMap(({ path, text }) => {
    const name = path.replace(/^.*\//, '').replace(/\..*$/, '');
    const faults: string[] = [];
    if (linesOf(text) > MAX_LINES) faults.push(`${path} has ${linesOf(text)} lines, more than ${MAX_LINES}`);
    if (SAYS_NOTHING.test(name)) faults.push(`${path} is not named after an idea`);
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) faults.push(`${path} is not in kebab-case`);
    return faults;
  });
};

/** Modules that export everything from another module, which hides what they offer. */
export const wholesaleExports = (sources: Source[]): string[] => {
  return sources.filter(({ text }) => /^export \*/m.test(text)).map(({ path }) => `${path} exports *`);
};
