// What `/metrics` said, for as long as the page is open, at most an hour. Recent answers are kept one by one, older ones
// at growing distances, so that an hour of a server with 2,000 series takes about 6 MB.

import { parseExposition, parseSeries } from './exposition.js';

/** @import { Series } from './exposition.js' */
/** @typedef {{ readonly atMs: number, readonly values: Float64Array }} Snapshot */
/** @typedef {(series: Readonly<Record<string, string>>) => boolean} Keep */

export const KEPT_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** The least distance between two snapshots of this age, in milliseconds. @param {number} ageMs */
const spacingAt = (ageMs) => (ageMs <= 1.5 * MINUTE_MS ? 0 : ageMs <= 6 * MINUTE_MS ? 4_500 : 14_500);

/** @param {readonly Snapshot[]} snapshots @param {number} nowMs */
const thinned = (snapshots, nowMs) => {
  /** @type {Snapshot[]} */
  const kept = [];
  for (const snapshot of snapshots) {
    const ageMs = nowMs - snapshot.atMs;
    const before = kept.at(-1);
    if (ageMs > KEPT_MS) continue;
    if (before === undefined || snapshot.atMs - before.atMs >= spacingAt(ageMs)) kept.push(snapshot);
  }
  return kept;
};

export const createHistory = () => {
  /** @type {Map<string, number>} */
  const places = new Map();
  /** @type {Map<string, { readonly place: number, readonly labels: Series['labels'] }[]>} */
  const byName = new Map();
  /** @type {Snapshot[]} */
  let snapshots = [];

  /** @param {string} text */
  const placeOf = (text) => {
    const known = places.get(text);
    if (known !== undefined) return known;
    const place = places.size;
    const { name, labels } = parseSeries(text);
    places.set(text, place);
    byName.set(name, [...(byName.get(name) ?? []), { place, labels }]);
    return place;
  };

  return {
    /** Adds one answer of `/metrics`. @param {string} text @param {number} atMs */
    add: (text, atMs) => {
      const parsed = [...parseExposition(text)].map(([series, value]) => ({ place: placeOf(series), value }));
      const values = new Float64Array(places.size).fill(Number.NaN);
      for (const { place, value } of parsed) values[place] = value;
      snapshots = thinned([...snapshots, { atMs, values }], atMs);
    },
    /** The snapshots of a span of time, and the last one before it. @param {number} fromMs @param {number} toMs */
    between: (fromMs, toMs) => {
      const upTo = snapshots.filter(({ atMs }) => atMs <= toMs);
      const first = upTo.findIndex(({ atMs }) => atMs >= fromMs);
      return first === -1 ? upTo.slice(-1) : upTo.slice(Math.max(0, first - 1));
    },
    /** The series of a name. @param {string} name @param {Keep} keep */
    seriesOf: (name, keep = () => true) => (byName.get(name) ?? []).filter(({ labels }) => keep(labels)),
  };
};

/** @typedef {ReturnType<typeof createHistory>} History */

/** @param {Snapshot} snapshot @param {number} place */
export const valueAt = ({ values }, place) => values[place] ?? Number.NaN;

/**
 * By how much a counter grew. A series that was not there before grew from 0. One that fell was reset by a restart, and
 * grew from 0 as well.
 *
 * @param {Snapshot} before
 * @param {Snapshot} after
 * @param {number} place
 */
export const increase = (before, after, place) => {
  const end = valueAt(after, place);
  if (Number.isNaN(end)) return 0;
  const start = valueAt(before, place);
  return start <= end ? end - start : end;
};
