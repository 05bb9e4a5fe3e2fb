import { describe, expect, test } from 'vitest';
import { flawsOf, heartOf, tell } from '../lab/story.ts';

const story = {
  victim: { given: 'a cart', naive: '1.00', ours: '1.01' },
  counts: [
    { what: 'wrong totals, of 1,000 carts', naive: 90, ours: 0 },
    { what: 'rows read for one page', naive: 1_021, ours: 21, atMost: 21 },
  ],
};

const withCounts = (naive: number, ours: number, atMost = 0) => ({
  ...story,
  counts: [{ what: 'wrong totals', naive, ours, atMost }],
});

describe('the story that make break tells', () => {
  test('shows one victim, then naive and ours side by side for each guarantee', () => {
    expect(tell(story)).toBe(`One victim
  given:  a cart
  naive:  1.00
  ours:   1.01

                                naive     ours
wrong totals, of 1,000 carts       90        0
rows read for one page          1,021       21`);
    expect(flawsOf(story)).toEqual([]);
  });

  test.each([
    ['a naive version that does not fail', withCounts(0, 0), /^The naive version did not fail/],
    ['a slice that does not hold', withCounts(9, 1), /^The slice failed/],
    ['a naive version that costs no more', withCounts(21, 21, 21), /^The naive version did not fail/],
    ['a slice that costs more than it may', withCounts(900, 22, 21), /^The slice failed/],
  ])('%s is reported as a flaw', (_what, flawed, flaw) => {
    expect(flawsOf(flawed)).toEqual([expect.stringMatching(flaw)]);
  });
});

describe('the heart of a naive file', () => {
  const region = (lines: number) =>
    `const before = 1;\n  // #region heart\n${'  code();\n'.repeat(lines)}  // #endregion\nconst after = 2;\n`;

  test('is the text between its marks, without indentation', () => {
    expect(heartOf('naive.ts', region(5))).toEqual(Array(5).fill('code();'));
  });

  test.each([0, 4, 16])('of %i lines is refused', (lines) => {
    expect(() => heartOf('naive.ts', region(lines))).toThrow('5 to 15 lines');
  });

  test('without marks is refused', () => {
    expect(() => heartOf('naive.ts', 'code();\n'.repeat(9))).toThrow('needs a region "heart"');
  });
});
