import { spawnSync } from 'node:child_process';
import { addProcessMetrics, createMetrics } from '@lab/shared/observability';
import { createTestApp, parsePrometheus, startApp } from '@lab/testing';
import { Histogram } from 'prom-client';
import { describe, expect, test } from 'vitest';

const good = `# HELP requests_total Requests
# TYPE requests_total counter
requests_total{method="GET",path="/a\\"b\\\\c\\nd"} 3
requests_total{method="PUT",path="/"} 1.5e2
# HELP seconds Time
# TYPE seconds histogram
seconds_bucket{le="0.1",method="GET"} 1
seconds_bucket{le="1",method="GET"} 1
seconds_bucket{le="+Inf",method="GET"} 4
seconds_sum{method="GET"} 12.5
seconds_count{method="GET"} 4
# HELP temperature Degrees
# TYPE temperature gauge
temperature -Inf
`;

test('reads families, labels and values', () => {
  const metrics = parsePrometheus(good);
  expect([...metrics.families.keys()]).toEqual(['requests_total', 'seconds', 'temperature']);
  expect(metrics.value('requests_total', { path: '/a"b\\c\nd' })).toBe(3);
  expect(metrics.value('requests_total', { method: 'PUT' })).toBe(150);
  expect(metrics.value('requests_total')).toBeUndefined();
  expect(metrics.value('seconds_bucket', { le: '+Inf' })).toBe(4);
  expect(metrics.value('temperature')).toBe(Number.NEGATIVE_INFINITY);
});

describe('planted faults that it refuses', () => {
  test.each([
    ['no line feed at the end', good.trimEnd(), 'the last line has no line feed'],
    ['no HELP', good.replace('# HELP temperature Degrees\n', ''), 'temperature: no HELP'],
    ['no TYPE', good.replace('# TYPE temperature gauge\n', ''), 'temperature: no TYPE'],
    [
      'a second HELP',
      good.replace('# TYPE temp', '# HELP temperature More\n# TYPE temp'),
      'line 13: a second HELP',
    ],
    [
      'a second TYPE',
      good.replace('temperature -', '# TYPE temperature gauge\ntemperature -'),
      'line 14: a second TYPE',
    ],
    [
      'TYPE behind samples',
      good.replace('# TYPE temperature gauge\ntemperature -Inf', 'temperature 1\n# TYPE temperature gauge'),
      'line 14: TYPE of temperature after its samples',
    ],
    [
      'an unknown type',
      good.replace('temperature gauge', 'temperature gage'),
      'temperature: unknown type gage',
    ],
    [
      'a family in two pieces',
      `${good}requests_total{method="POST"} 1\n`,
      'line 15: the family requests_total is not contiguous',
    ],
    [
      'a series twice',
      good.replace('temperature -Inf', 'temperature 1\ntemperature 1'),
      'temperature: a series appears twice',
    ],
    [
      'a series twice, labels turned round',
      good.replace('# HELP seconds', 'requests_total{path="/",method="PUT"} 1\n# HELP seconds'),
      'requests_total: a series appears twice',
    ],
    ['a bad name', good.replace('temperature -Inf', 'tempe-rature 1'), 'line 14: not a metric name'],
    ['a bad label', good.replace('method="PUT"', '1method="PUT"'), 'line 4: malformed labels'],
    ['a label without quotes', good.replace('"PUT"', 'PUT'), 'line 4: malformed labels'],
    ['a label twice', good.replace('path="/"', 'method="/"'), 'line 4: the label method appears twice'],
    ['a reserved label', good.replace('path="/"', '__path="/"'), 'line 4: the label __path is reserved'],
    ['no number', good.replace('-Inf', 'Infinity'), 'line 14: not a number'],
    ['bounds out of order', good.replace('le="0.1"', 'le="2"'), 'seconds: its bounds are not increasing'],
    [
      'buckets that fall',
      good.replace('le="0.1",method="GET"} 1', 'le="0.1",method="GET"} 2'),
      'seconds: its buckets are not cumulative',
    ],
    [
      '+Inf that is not the count',
      good.replace('seconds_count{method="GET"} 4', 'seconds_count{method="GET"} 5'),
      'seconds: its bucket +Inf does not equal its count',
    ],
    [
      'no +Inf',
      good.replace('seconds_bucket{le="+Inf",method="GET"} 4\n', ''),
      'seconds: its bucket +Inf does not equal its count',
    ],
    [
      'no sum',
      good.replace('seconds_sum{method="GET"} 12.5\n', ''),
      'seconds: it does not have exactly one count and one sum',
    ],
    [
      'a counter without _total',
      good.replaceAll('requests_total', 'requests'),
      'requests: a counter that does not end in _total',
    ],
    [
      'a gauge with _total',
      good.replaceAll('temperature', 'heat_total'),
      'heat_total: a gauge that ends in _total',
    ],
    ['a counter below zero', good.replace('} 3', '} -3'), 'requests_total: a counter below zero'],
  ])('%s', (_name, text, complaint) => {
    expect(text).not.toBe(good);
    expect(() => parsePrometheus(text)).toThrow(complaint);
  });
});

/** /metrics of a server with all that a launcher adds, after some requests. */
const realMetrics = async (): Promise<string> => {
  const registry = createMetrics();
  addProcessMetrics(registry);
  const { request } = await startApp(createTestApp([], { registry }));
  for (const path of ['/health', '/nowhere', '/problems/none', '/health?a=b']) await request('GET', path);
  return (await request('GET', '/metrics')).text;
};

test('a real /metrics passes', async () => {
  const metrics = parsePrometheus(await realMetrics());
  expect(metrics.value('http_requests_total', { route: '/health', status: '200' })).toBe(1);
  expect(metrics.families.get('process_cpu_seconds_total')?.type).toBe('counter');
  expect(metrics.families.size).toBeGreaterThan(15);
});

test('what prom-client misnames is refused', async () => {
  const registry = createMetrics();
  new Histogram({ name: 'waits_total', help: 'Waits', registers: [registry] }).observe(1);
  const text = await registry.metrics();
  expect(() => parsePrometheus(text)).toThrow('waits_total: a histogram that ends in _total');
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!hasPromtool)(
  `promtool has nothing to say about it${hasPromtool ? '' : " (skipped: promtool, of Debian's prometheus, is not installed)"}`,
  async () => {
    const check = (input: string) => spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    const { status, stdout, stderr } = check(await realMetrics());
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(check(good.replaceAll('temperature', 'heat_total')).status).not.toBe(0);
  },
);
