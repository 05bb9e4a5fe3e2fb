import { describe, expect, test } from 'vitest';
import { listPackages } from '../lab/workspace.ts';
import { slowPatterns } from './pattern-rules.ts';
import { sourcesIn } from './sources.ts';

// What servers run. The lab and the tools of the tests read nothing that a client sends.
const folders = listPackages()
  .filter(({ id }) => id !== 'testing')
  .map(({ folder }) => `${folder}/src`);

describe('regular expressions', () => {
  test.each(folders)('%s: none takes more than linear time', { timeout: 120_000 }, (folder) => {
    expect(slowPatterns(sourcesIn(folder))).toEqual([]);
  });
});

describe('the rule on regular expressions, on planted ones', () => {
  const judged = (pattern: string) =>
    slowPatterns([{ path: 'planted.ts', text: `// A comment.\nexport const planted = ${pattern};` }]);

  test.each([
    ['/(a+)+$/', 'exponential'],
    ['/\\s+$/', '2nd degree polynomial'],
    ['/^\\s*json\\s*;?\\s*$/', '2nd degree polynomial'],
    ['/a.*b.*c/', '3rd degree polynomial'],
    ['/(?!x)\\s+$/', '2nd degree polynomial (fuzz)'],
  ])('%s is found', (pattern, growth) => {
    const [fault, ...others] = judged(pattern);
    expect(fault).toContain(`planted.ts:2 ${pattern} takes ${growth} time, on `);
    expect(others).toEqual([]);
  });

  test.each(['/^[a-z]+(-[a-z]+)*$/', '/(?<!\\/)\\/+$/', "'/(a+)+$/'", '1 / 2 / 3'])(
    '%s is none',
    (pattern) => {
      expect(judged(pattern)).toEqual([]);
    },
  );
});
