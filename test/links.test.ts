import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPackages, ROOT } from '../lab/workspace.ts';
import { brokenLinks } from './link-rules.ts';
import { pathsIn } from './sources.ts';

const folders = ['docs', ...listPackages().map(({ folder }) => folder)];
const documents = ['README.md', 'SECURITY.md', 'TRACKER.md', ...folders.flatMap(pathsIn)].filter((path) =>
  path.endsWith('.md'),
);

/** The text of a Markdown file, or of the README of a folder; empty for other files, and undefined if there is none. */
const readTarget = (path: string): string | undefined => {
  const file = join(ROOT, path);
  if (!existsSync(file)) return undefined;
  const document = statSync(file).isDirectory() ? join(file, 'README.md') : file;
  return document.endsWith('.md') && existsSync(document) ? readFileSync(document, 'utf8') : '';
};

describe('links between files of the repository', () => {
  test.each(documents)('%s has no broken one', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    expect(brokenLinks(text, (target) => readTarget(join(dirname(path), target)))).toEqual([]);
  });
});

describe('the rule on links, on planted violations', () => {
  const files: Record<string, string> = { 'a.md': '# A title, with `code`\n' };
  const faultsOf = (text: string) => brokenLinks(text, (target) => files[target]);

  test('a missing file and a missing heading are found', () => {
    expect(faultsOf('[b](b.md) [c](a.md#b) [d](#there)')).toEqual(['b.md', 'a.md#b', '#there']);
  });

  test('what exists, other sites and code are passed over', () => {
    const text =
      '[a](a.md) [title](a.md#a-title-with-code) [here](#here) [site](https://a.example)\n# Here\n';
    expect(faultsOf(`${text}\`\`\`ts\n[x](y.md)\n\`\`\`\n`)).toEqual([]);
  });
});
