import { describe, expect, test } from 'vitest';
import { listPackages, listServers } from '../lab/workspace.ts';
import {
  medianLines,
  missingOrMisplaced,
  oversizedLauncher,
  unreadableFiles,
  wholesaleExports,
} from './silhouette-rules.ts';
import { pathsIn, sourcesIn } from './sources.ts';

const MEDIAN_LINES = 60;

const packages = listPackages();
const slices = packages.filter(({ folder }) => folder.startsWith('slices/'));
const everything = ['lab', 'test', ...packages.map(({ folder }) => folder)].flatMap(sourcesIn);

describe('the silhouette of the repository', () => {
  test.each(slices)('$id has the files of a slice, few to a folder', ({ id, folder }) => {
    const paths = pathsIn(folder).map((path) => path.slice(folder.length + 1));
    expect(missingOrMisplaced(id, paths)).toEqual([]);
  });

  test.each(listServers())('$id has a short launcher', ({ folder }) => {
    const launcher = everything.filter(({ path }) => path === `${folder}/src/server.ts`);
    expect(launcher.flatMap(oversizedLauncher)).toEqual([]);
  });

  test('the median file in src/ is short; prints the median of each package', () => {
    const shipped = packages.map(({ id, folder }) => ({ id, sources: sourcesIn(`${folder}/src`) }));
    console.log(
      [
        'Median lines of the files in src/',
        ...shipped.map(({ id, sources }) => `${medianLines(sources)}  ${id}`),
      ].join('\n'),
    );
    expect(medianLines(shipped.flatMap(({ sources }) => sources))).toBeLessThanOrEqual(MEDIAN_LINES);
  });

  test('files are short, named after an idea and say what they export', () => {
    expect([...unreadableFiles(everything), ...wholesaleExports(everything)]).toEqual([]);
  });
});

describe('the rules on the silhouette, on planted violations', () => {
  test('missing, nested and too many files are found', () => {
    const many = Array.from({ length: 12 }, (_, index) => `src/part-${index}.ts`);
    expect(
      missingOrMisplaced('planted', ['README.md', 'src/index.ts', 'src/one/deep/idea.ts', ...many]),
    ).toEqual([
      'planted has no package.json',
      'planted has no tsconfig.json',
      'planted has no src/server.ts',
      'planted/src has 13 files, more than 12',
      'planted/src/one/deep/idea.ts is too deep in src/',
    ]);
  });

  test('the thirty-first line of a launcher and the line after the two hundred and fiftieth are found', () => {
    const lines = (count: number) => 'x\n'.repeat(count);
    expect(oversizedLauncher({ path: 'server.ts', text: lines(30) })).toEqual([]);
    expect(oversizedLauncher({ path: 'server.ts', text: lines(31) })).toHaveLength(1);
    expect(unreadableFiles([{ path: 'a.ts', text: lines(250) }])).toEqual([]);
    expect(unreadableFiles([{ path: 'a.ts', text: lines(251) }])).toHaveLength(1);
  });

  test('the median does not depend on the longest file', () => {
    const sources = [250, 1, 60, 2, 61].map((count) => ({ path: 'a.ts', text: 'x\n'.repeat(count) }));
    expect(medianLines(sources)).toBe(60);
    expect(medianLines([])).toBe(0);
  });

  test.each(['utils', 'helpers', 'common', 'types', 'misc', 'gift-service', 'cacheManager', 'Cart'])(
    'a file named %s is found',
    (name) => {
      expect(unreadableFiles([{ path: `src/${name}.ts`, text: '' }])).toHaveLength(1);
    },
  );

  test('an export of everything is found', () => {
    expect(wholesaleExports([{ path: 'index.ts', text: "export * from './a.ts';" }])).toHaveLength(1);
  });
});
