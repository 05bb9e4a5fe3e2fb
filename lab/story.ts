import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Count, Story, Victim } from '../testing/src/story/story.ts';

// The output of `make break`: the heart of the naive code, one victim, then the counts.

const SHORTEST_HEART = 5;
const LONGEST_HEART = 15;

const regionOf = (text: string): string => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trim() === '// #region heart');
  const end = lines.findIndex((line, index) => index > start && line.trim() === '// #endregion');
  return start < 0 || end < 0 ? '' : lines.slice(start + 1, end).join('\n');
};

/** The essential lines of a naive file, without indentation. Throws unless there are 5 to 15. */
export const heartOf = (path: string, text: string): readonly string[] => {
  const region = regionOf(text);
  const lines = region.trimEnd().split('\n');
  if (lines.length < SHORTEST_HEART || lines.length > LONGEST_HEART) {
    throw new RangeError(
      `${path} needs a region "heart" of ${SHORTEST_HEART} to ${LONGEST_HEART} lines, not ${lines.length}`,
    );
  }
  const indent = /^ */.exec(region)?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent));
};

/** The hearts of all `lab/naive-*.ts` files of a slice, each under its path. */
export const heartsIn = (root: string, folder: string): string => {
  const naive = readdirSync(join(root, folder, 'lab')).filter((name) => /^naive-.+\.ts$/.test(name));
  if (naive.length === 0) throw new Error(`${folder}/lab has no naive-*.ts`);
  const hearts = naive.toSorted().map((name) => {
    const path = `${folder}/lab/${name}`;
    const lines = heartOf(path, readFileSync(join(root, path), 'utf8'));
    return [`The naive way (${path}):`, '', ...lines.map((line) => `  ${line}`.trimEnd()), ''];
  });
  return hearts.flat().join('\n');
};

const showVictim = ({ given, naive, ours }: Victim): string =>
  ['One victim', `  given:  ${given}`, `  naive:  ${naive}`, `  ours:   ${ours}`, ''].join('\n');

const figure = (count: number): string => count.toLocaleString('en-US').padStart(9);

const showCounts = (counts: readonly Count[]): string => {
  const width = Math.max(...counts.map(({ what }) => what.length));
  const rows = counts.map(({ what, naive, ours }) => what.padEnd(width) + figure(naive) + figure(ours));
  return [`${' '.repeat(width)}    naive     ours`, ...rows].join('\n');
};

/** The output of a story, after the naive code. */
export const tell = ({ victim, counts }: Story): string => `${showVictim(victim)}\n${showCounts(counts)}`;

/** Why a story proves nothing: the naive version did not fail, or the slice failed. */
export const flawsOf = ({ counts }: Story): readonly string[] =>
  counts.flatMap(({ what, naive, ours, atMost = 0 }) => [
    ...(naive > atMost ? [] : [`The naive version did not fail: ${what}`]),
    ...(ours <= atMost ? [] : [`The slice failed: ${what}`]),
  ]);
