// A token bucket, drawn from counters. A server exports how many requests each policy admitted, and how large a bucket is
// and how fast it fills, but not the level of each caller's bucket. So this is the bucket of a caller who made all of the
// requests: exact with one caller, and a picture of the load with many.

import { increase, valueAt } from './history.js';

/** @import { History, Snapshot } from './history.js' */

const DECISIONS = 'rate_limit_decisions_total';
const admitting = /^(admit|allow|accept|pass)/;

/** @param {History} history @param {string} policy */
const decisionsOf = (history, policy) => {
  const series = history.seriesOf(DECISIONS, (labels) => labels.policy === policy);
  return series.map(({ place, labels: { decision = '' } }) => ({
    place,
    decision,
    admits: admitting.test(decision),
  }));
};

/** @param {History} history @param {string} name @param {string} policy @param {Snapshot} snapshot */
const settingOf = (history, name, policy, snapshot) => {
  const [series] = history.seriesOf(name, (labels) => labels.policy === policy);
  const value = series === undefined ? Number.NaN : valueAt(snapshot, series.place);
  return Number.isNaN(value) ? null : value;
};

/**
 * The level after each snapshot, beginning with a full bucket.
 *
 * @param {readonly Snapshot[]} snapshots
 * @param {{ readonly capacity: number, readonly refillPerSecond: number }} policy
 * @param {(before: Snapshot, after: Snapshot) => number} admitted
 */
export const levelsOf = (snapshots, { capacity, refillPerSecond }, admitted) => {
  let level = capacity;
  return snapshots.map((after, index) => {
    const before = snapshots[index - 1];
    if (before === undefined) return level;
    const filled = level + (refillPerSecond * (after.atMs - before.atMs)) / 1000;
    level = Math.max(0, Math.min(capacity, filled) - admitted(before, after));
    return level;
  });
};

/**
 * What the limiter of one policy did. `bucket` is null if the server does not export the policy's size.
 *
 * @param {History} history
 * @param {string} policy
 * @param {readonly Snapshot[]} snapshots all that are kept, up to now
 */
export const limiterOf = (history, policy, snapshots) => {
  const [before, after] = [snapshots.at(-4) ?? snapshots[0], snapshots.at(-1)];
  if (before === undefined || after === undefined) return null;
  const all = decisionsOf(history, policy);
  const capacity = settingOf(history, 'rate_limit_bucket_capacity', policy, after);
  const refillPerSecond = settingOf(history, 'rate_limit_refill_per_second', policy, after);
  const admitted = (/** @type {Snapshot} */ from, /** @type {Snapshot} */ to) =>
    all.filter(({ admits }) => admits).reduce((sum, { place }) => sum + increase(from, to, place), 0);
  const seconds = (after.atMs - before.atMs) / 1000;
  return {
    policy,
    decisions: all.map(({ place, decision, admits }) => ({
      decision,
      admits,
      total: valueAt(after, place),
      perSecond: seconds > 0 ? increase(before, after, place) / seconds : 0,
    })),
    bucket:
      capacity === null || refillPerSecond === null
        ? null
        : {
            capacity,
            refillPerSecond,
            level: levelsOf(snapshots, { capacity, refillPerSecond }, admitted).at(-1) ?? capacity,
          },
  };
};

/** The policies of the server's rate limiter. @param {History} history */
export const policiesOf = (history) => [
  ...new Set(history.seriesOf(DECISIONS).map(({ labels }) => labels.policy ?? '')),
];
