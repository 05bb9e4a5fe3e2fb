import { createMetrics } from '@lab/shared/observability';
import { parsePrometheus } from '@lab/testing';
import fc from 'fast-check';
import { Counter, Histogram } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { formatBytes, formatSeconds, formatShare } from '../src/portal/format.js';
import { parseExposition, parseSeries } from '../src/portal-figures/exposition.js';
import { percentilesOf, routesOf, spansOf } from '../src/portal-figures/figures.js';
import { quantile } from '../src/portal-figures/histogram.js';
import { createHistory, increase, KEPT_MS } from '../src/portal-figures/history.js';
import { levelsOf } from '../src/portal-figures/token-bucket.js';

const snapshot = (atMs: number, ...values: number[]) => ({ atMs, values: Float64Array.from(values) });

describe('the parser of the text format', () => {
  test('reads what prom-client writes, whatever is in a label, as the strict parser of the tests does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom(...'ab"\\\n{}, =é') }), { maxLength: 8 }),
        fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
        async (routes, value) => {
          const registry = createMetrics();
          const registers = [registry];
          const counter = new Counter({ name: 'a_total', help: 'A\\ "B"', labelNames: ['route'], registers });
          const histogram = new Histogram({ name: 'b_seconds', help: 'B', labelNames: ['route'], registers });
          for (const route of routes) {
            counter.inc({ route }, value);
            histogram.observe({ route }, value);
          }
          const text = await registry.metrics();
          const expected = [...parsePrometheus(text).families.values()].flatMap(({ samples }) => samples);
          const read = [...parseExposition(text)].map(([series, number]) => ({
            ...parseSeries(series),
            value: number,
          }));
          expect(read).toEqual(
            expected.map(({ name, labels, value: number }) => ({ name, labels, value: number })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('passes over what is no sample, and reads timestamps and infinities', () => {
    const text = '# HELP a b\n\na{x="} 1"} +Inf 1700000000000\nnot a sample\nb NaN\r\nc -Inf\n';
    expect([...parseExposition(text)]).toEqual([
      ['a{x="} 1"}', Number.POSITIVE_INFINITY],
      ['b', Number.NaN],
      ['c', Number.NEGATIVE_INFINITY],
    ]);
  });
});

describe('percentiles', () => {
  const buckets = [
    { le: 0.1, count: 50 },
    { le: 0.5, count: 90 },
    { le: Number.POSITIVE_INFINITY, count: 100 },
  ];

  // As `histogram_quantile` of Prometheus computes them.
  test.each([
    [0.25, 0.05],
    [0.5, 0.1],
    [0.7, 0.3],
    [0.9, 0.5],
    [0.99, 0.5],
  ])('%d of known buckets is %d', (q, expected) => {
    expect(quantile(q, buckets)).toBeCloseTo(expected, 12);
  });

  test('are nothing without observations', () => {
    expect(quantile(0.5, [])).toBeNull();
    expect(
      quantile(
        0.5,
        buckets.map(({ le }) => ({ le, count: 0 })),
      ),
    ).toBeNull();
  });

  test('are within one bucket of the exact ones, for any observations', () => {
    const bounds = [0.001, 0.01, 0.1, 1, 10];
    const exact = (values: readonly number[], q: number) =>
      values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * values.length) - 1)] ?? 0;
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1 }),
        fc.constantFrom(0.5, 0.95, 0.99),
        (values, q) => {
          const counted = [...bounds, Number.POSITIVE_INFINITY].map((le) => ({
            le,
            count: values.filter((value) => value <= le).length,
          }));
          const estimate = quantile(q, counted) ?? Number.NaN;
          const bucketOf = (value: number) => bounds.findIndex((bound) => value <= bound);
          expect(bucketOf(estimate)).toBe(bucketOf(exact(values, q)));
        },
      ),
    );
  });
});

describe('the history', () => {
  const page = (requests: number) =>
    `http_requests_total{method="GET",route="/a",status="200"} ${requests}\n`;

  test('counts from 0 where a series is new or was reset by a restart', () => {
    expect(increase(snapshot(0, 5), snapshot(1000, 7), 0)).toBe(2);
    expect(increase(snapshot(0), snapshot(1000, 7), 0)).toBe(7);
    expect(increase(snapshot(0, 5), snapshot(1000, 3), 0)).toBe(3);
    expect(increase(snapshot(0, 5), snapshot(1000, Number.NaN), 0)).toBe(0);
  });

  test('keeps an hour in a few hundred snapshots, the last minute whole, and loses no request', () => {
    const history = createHistory();
    const seconds = 2 * 3600;
    for (let second = 0; second <= seconds; second += 1) history.add(page(second * 3), second * 1000);
    const all = history.between(0, seconds * 1000);
    expect(all.length).toBeLessThan(450);
    expect(history.between((seconds - 60) * 1000, seconds * 1000)).toHaveLength(62);
    const [before, after] = [all[0], all.at(-1)];
    if (!before || !after) expect.unreachable();
    expect(after.atMs - before.atMs).toBeGreaterThan(KEPT_MS - 30_000);
    expect(routesOf(history, { before, after })[0]).toMatchObject({
      total: seconds * 3,
      perSecond: 3,
      failedShare: 0,
    });
  });

  test('makes points of at least the length that smooths them, but for the first', () => {
    const spans = spansOf(
      [0, 1000, 2000, 3000, 9000].map((atMs) => snapshot(atMs)),
      2000,
    );
    expect(spans.map(({ before, after }) => after.atMs - before.atMs)).toEqual([1000, 2000, 2000, 6000]);
  });

  test('has percentiles of the span, not since the start', async () => {
    const registry = createMetrics();
    const durations = new Histogram({
      name: 'x_seconds',
      help: 'X',
      buckets: [0.1, 1],
      registers: [registry],
    });
    const history = createHistory();
    durations.observe(0.05);
    history.add(await registry.metrics(), 0);
    durations.observe(0.7);
    history.add(await registry.metrics(), 1000);
    const [before, after] = history.between(0, 1000);
    if (!before || !after) expect.unreachable();
    expect(percentilesOf(history, 'x_seconds')({ before, after }).p50).toBeCloseTo(0.55, 12);
  });
});

test('a bucket empties by what was admitted, fills with time, and is never below empty or above full', () => {
  const admitted = [0, 3, 1, 5, 0, 0];
  const snapshots = admitted.map((_, second) => snapshot(second * 1000));
  const levels = levelsOf(
    snapshots,
    { capacity: 5, refillPerSecond: 0.5 },
    (_, { atMs }) => admitted[atMs / 1000] ?? 0,
  );
  expect(levels).toEqual([5, 2, 1.5, 0, 0.5, 1]);
});

test('figures are written as people read them, and nothing as a dash', () => {
  expect([0.00042, 0.0123, 0.5, 2.5, null].map(formatSeconds)).toEqual([
    '0.42 ms',
    '12.3 ms',
    '500 ms',
    '2.5 s',
    '–',
  ]);
  expect([0, 0.004, 0.5, 1].map(formatShare)).toEqual(['0%', '0.4%', '50%', '100%']);
  expect([2048, 5 * 1024 ** 2, 1.5 * 1024 ** 3].map(formatBytes)).toEqual(['2 KiB', '5 MiB', '1.5 GiB']);
});
