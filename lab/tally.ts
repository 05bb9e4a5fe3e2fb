import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  failed: number;
}

const count = (closing: string, outcome: string): number => {
  return Number(new RegExp(`(\\d+) ${outcome}`).exec(closing)?.[1] ?? 0);
};

/** The closing lines of the test runs in `output`: `Tests  1 failed | 12 passed (13)`. */
export const closingLines = (output: string): string[] => {
  return [...stripVTControlCharacters(output).matchAll(/^ *Tests {2}(.+)$/gm)].map(([line]) => line.trim());
};

/**
 * Counts the tests of one step. A step without tests (lint, types) counts as one test. A step that failed although none
 * of its tests did (a file that does not load, an error between tests) counts as one more failure.
 */
export const tallyOf = (output: string, exitCode: number): Tally => {
  const closings = closingLines(output);
  const tally = { passed: 0, failed: 0 };
  for (const closing of closings) {
    tally.passed += count(closing, 'passed');
    tally.failed += count(closing, 'failed');
  }
  if (exitCode !== 0 && tally.failed === 0) tally.failed = 1;
  if (exitCode === 0 && closings.length === 0) tally.passed = 1;
  return tally;
};
