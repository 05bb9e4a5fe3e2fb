import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPackages, ROOT } from '../lab/workspace.ts';
import { pathsIn } from './sources.ts';

const anchorOf = (term: string): string => term.toLowerCase().replaceAll(' ', '-');

const glossary = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');
const terms = [...glossary.matchAll(/^### (.+)$/gm)].map(([, term = '']) => term);

const texts = ['README.md', ...['docs', ...listPackages().map(({ folder }) => folder)].flatMap(pathsIn)]
  .filter((path) => path.endsWith('.md'))
  .map((path) => readFileSync(join(ROOT, path), 'utf8'));
const linked = texts.flatMap((text) =>
  [...text.matchAll(/glossary\.md#([\w-]+)/g)].map(([, anchor]) => anchor),
);

describe('the glossary', () => {
  test('has every term that a README links to', () => {
    expect(linked.length).toBeGreaterThan(0);
    expect(linked.filter((anchor) => !terms.map(anchorOf).includes(anchor ?? ''))).toEqual([]);
  });

  test('is in alphabetical order', () => {
    expect(terms).toEqual(terms.toSorted((left, right) => left.localeCompare(right, 'en')));
  });
});
