// From snapshots to the figures that the page shows. Everything here is computed from two snapshots, so it is the same
// for the last seconds, for a point of a chart and for the whole range.

import { quantile } from './histogram.js';
import { increase, valueAt } from './history.js';

/** @import { History, Keep, Snapshot } from './history.js' */
/** @typedef {{ readonly before: Snapshot, readonly after: Snapshot }} Span */
/** @typedef {{ readonly method: string, readonly route: string }} RouteId */

/** The requests of this page itself, and of other readers of metrics. @param {string} route */
const isWatching = (route) => route === '/metrics' || /^\/portal(\/|$)/.test(route);

/** Which requests to count: those of one route, or all but those that only watch. @param {RouteId | null} chosen @returns {Keep} */
export const requestsOf = (chosen) =>
  chosen === null
    ? ({ route = '' }) => !isWatching(route)
    : ({ method, route }) => method === chosen.method && route === chosen.route;

/** @param {Span} span */
export const secondsOf = ({ before, after }) => (after.atMs - before.atMs) / 1000;

/** The growth of all series of a counter together. @param {History} history @param {string} name @param {Keep} [keep] */
export const growthOf = (history, name, keep) => {
  const series = history.seriesOf(name, keep);
  return (/** @type {Span} */ { before, after }) =>
    series.reduce((sum, { place }) => sum + increase(before, after, place), 0);
};

/** The sum of all series of a name at the end of a span; null if there are none. @param {History} history @param {string} name @param {Keep} [keep] */
export const totalOf = (history, name, keep) => {
  const series = history.seriesOf(name, keep);
  return (/** @type {Pick<Span, 'after'>} */ { after }) => {
    const values = series.map(({ place }) => valueAt(after, place)).filter((value) => !Number.isNaN(value));
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
};

/** Percentiles of a histogram's observations during a span. @param {History} history @param {string} name @param {Keep} [keep] */
export const percentilesOf = (history, name, keep) => {
  const series = history.seriesOf(`${name}_bucket`, keep).map(({ place, labels }) => ({
    place,
    le: labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
  }));
  const bounds = [...Map.groupBy(series, ({ le }) => le)].sort(([a], [b]) => a - b);
  return (/** @type {Span} */ { before, after }) => {
    const buckets = bounds.map(([le, ofBound]) => ({
      le,
      count: ofBound.reduce((sum, { place }) => sum + increase(before, after, place), 0),
    }));
    return { p50: quantile(0.5, buckets), p95: quantile(0.95, buckets), p99: quantile(0.99, buckets) };
  };
};

/** The values that a label has. @param {History} history @param {string} name @param {string} label */
export const valuesOf = (history, name, label) => [
  ...new Set(history.seriesOf(name).map(({ labels }) => labels[label] ?? '')),
];

/** One line for each route: what it did during the span, and since the server started. @param {History} history @param {Span} span */
export const routesOf = (history, span) => {
  const ids = Map.groupBy(
    history.seriesOf('http_requests_total'),
    ({ labels }) => `${labels.method} ${labels.route}`,
  );
  return [...ids].map(([key, [first]]) => {
    const { method = '', route = '' } = first?.labels ?? {};
    const keep = requestsOf({ method, route });
    const grown = growthOf(history, 'http_requests_total', keep)(span);
    const failed = growthOf(
      history,
      'http_requests_total',
      (labels) => keep(labels) && isFailure(labels),
    )(span);
    return {
      key,
      method,
      route,
      isWatching: isWatching(route),
      total: totalOf(history, 'http_requests_total', keep)(span) ?? 0,
      perSecond: grown / secondsOf(span),
      failedShare: grown > 0 ? failed / grown : null,
      ...percentilesOf(history, 'http_request_duration_seconds', keep)(span),
    };
  });
};

/** A fault of the server, not of the client. @type {Keep} */
export const isFailure = ({ status = '' }) => status.startsWith('5');

/**
 * Points of a chart: spans that end at each snapshot and begin at least `smoothMs` earlier.
 *
 * @param {readonly Snapshot[]} snapshots
 * @param {number} smoothMs
 * @returns {readonly Span[]}
 */
export const spansOf = (snapshots, smoothMs) =>
  snapshots.slice(1).map((after, index) => {
    const earlier = snapshots.slice(0, index + 1);
    const before = earlier.findLast(({ atMs }) => after.atMs - atMs >= smoothMs) ?? earlier[0] ?? after;
    return { before, after };
  });
