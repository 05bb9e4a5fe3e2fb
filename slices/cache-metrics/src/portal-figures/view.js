// Everything that the page shows for one moment, from the history.

import {
  growthOf,
  isFailure,
  percentilesOf,
  requestsOf,
  routesOf,
  secondsOf,
  spansOf,
  totalOf,
  valuesOf,
} from './figures.js';
import { KEPT_MS } from './history.js';
import { limiterOf, policiesOf } from './token-bucket.js';

/** @import { RouteId } from './figures.js' */
/** @import { History } from './history.js' */

const SMOOTH_MS = 2500;

/** Everything on the page that depends on the history, for one moment. @param {History} history @param {number} nowMs @param {number} rangeMs @param {RouteId | null} chosen */
export const lookAt = (history, nowMs, rangeMs, chosen) => {
  const snapshots = history.between(nowMs - rangeMs, nowMs);
  const [first, last] = [snapshots[0], snapshots.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spans = spansOf(snapshots, SMOOTH_MS);
  const keep = requestsOf(chosen);
  const all = { before: first, after: last };
  const latest = spans.at(-1) ?? all;
  const requests = growthOf(history, 'http_requests_total', keep);
  const failures = growthOf(history, 'http_requests_total', (labels) => keep(labels) && isFailure(labels));
  const percentiles = percentilesOf(history, 'http_request_duration_seconds', keep);
  const hits = growthOf(history, 'cache_hits_total');
  const misses = growthOf(history, 'cache_misses_total');
  const perSecond = (/** @type {typeof requests} */ growth) => (/** @type {typeof all} */ span) =>
    growth(span) / secondsOf(span);
  const shareOf = (/** @type {number} */ part, /** @type {number} */ whole) =>
    whole > 0 ? part / whole : null;
  const hitRatio = (/** @type {typeof all} */ span) => shareOf(hits(span), hits(span) + misses(span));
  return {
    spans,
    all,
    latest,
    percentiles,
    hitRatio,
    requests,
    failures,
    rate: perSecond(requests),
    failureRate: perSecond(failures),
    failedShare: shareOf(failures(all), requests(all)),
    gauge: (/** @type {string} */ name) => totalOf(history, name),
    routes: routesOf(history, all),
    caches: valuesOf(history, 'cache_hits_total', 'cache').map((cache) => ({
      cache,
      hits: totalOf(history, 'cache_hits_total', (labels) => labels.cache === cache)(all),
      misses: totalOf(history, 'cache_misses_total', (labels) => labels.cache === cache)(all),
      entries: totalOf(history, 'cache_entries', (labels) => labels.cache === cache)(all),
      evictions: valuesOf(history, 'cache_evictions_total', 'reason').map((reason) => ({
        reason,
        total: totalOf(
          history,
          'cache_evictions_total',
          (labels) => labels.cache === cache && labels.reason === reason,
        )(all),
      })),
    })),
    limiters: policiesOf(history).flatMap(
      (policy) => limiterOf(history, policy, history.between(nowMs - KEPT_MS, nowMs)) ?? [],
    ),
  };
};

/** @typedef {NonNullable<ReturnType<typeof lookAt>>} View */
