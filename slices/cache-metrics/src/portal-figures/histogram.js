// Percentiles from the buckets of a histogram, as PromQL's histogram_quantile computes them: linear within a bucket. The
// result is exact only at the bounds of the buckets.

/** @typedef {{ readonly le: number, readonly count: number }} Bucket */

/**
 * @param {number} q from 0 to 1
 * @param {readonly Bucket[]} buckets cumulative, in ascending order, the last with the bound Infinity
 * @returns {number | null} null if there are no observations; the highest finite bound if the rank is above it
 */
export const quantile = (q, buckets) => {
  const total = buckets.at(-1)?.count ?? 0;
  if (!(total > 0)) return null;
  const rank = q * total;
  let lower = { le: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank && bucket.count > lower.count) {
      if (bucket.le === Number.POSITIVE_INFINITY) return lower.le;
      return lower.le + ((bucket.le - lower.le) * (rank - lower.count)) / (bucket.count - lower.count);
    }
    lower = bucket;
  }
  return lower.le;
};
