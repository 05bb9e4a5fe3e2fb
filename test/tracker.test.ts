import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listPackages, ROOT } from '../lab/workspace.ts';
import { trackedBranches, trackerFaults } from './tracker-rules.ts';

const tracked = trackedBranches(readFileSync(join(ROOT, 'TRACKER.md'), 'utf8'));
const existing = listPackages()
  .filter(({ id }) => id !== 'shared' && id !== 'testing')
  .map(({ id, manifest }) => ({ id, theme: manifest.lab?.theme ?? '' }));

describe('TRACKER.md', () => {
  test('lists the nine slices that were planned, those that came since, and the demo', () => {
    expect(tracked.length).toBeGreaterThanOrEqual(10);
  });

  test('calls started or done what exists, under its own theme, and planned what does not', () => {
    expect(trackerFaults(tracked, existing)).toEqual([]);
  });
});

describe('the rule on TRACKER.md, on planted violations', () => {
  const row = (branch: string, status: string) =>
    trackedBranches(
      `| Branch | Theme | Status |\n|---|---|---|\n| \`${branch}\` | Carts | What | How | ${status} |\n`,
    );

  test('a slice that is not listed and a listed slice that does not exist are found', () => {
    const faults = trackerFaults(row('gone', 'done'), [{ id: 'cart', theme: 'Carts' }]);
    expect(faults).toEqual(['cart is not listed', 'gone is done, not planned']);
  });

  test('a slice that exists but is marked planned, has another theme or is listed twice is found', () => {
    const existing = [{ id: 'cart', theme: 'Carts' }];
    expect(trackerFaults(row('cart', 'done'), existing)).toEqual([]);
    expect(trackerFaults(row('cart', 'started'), existing)).toEqual([]);
    expect(trackerFaults(row('cart', 'planned'), existing)).toEqual(['cart is planned, not started or done']);
    expect(trackerFaults(row('cart', 'done'), [{ id: 'cart', theme: 'Gifts' }])).toHaveLength(1);
    expect(trackerFaults([...row('cart', 'done'), ...row('cart', 'done')], existing)).toHaveLength(2);
  });
});
