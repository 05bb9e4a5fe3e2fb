import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../lab/workspace.ts';
import { readDemoMetrics } from './demo-contracts.ts';
import { metricsIn } from './promql-names.ts';

const OPS = join(ROOT, 'ops');
const read = (file: string): string => readFileSync(join(OPS, file), 'utf8');

const rules = z.object({
  groups: z.array(
    z.object({ rules: z.array(z.object({ record: z.string().optional(), expr: z.string() })) }),
  ),
});
const dashboard = z.object({
  panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) })),
});

const allRules = rules.parse(parse(read('alerts.yml'))).groups.flatMap((group) => group.rules);
const panels = dashboard.parse(JSON.parse(read('grafana/ecommerce-lab.json'))).panels;
const queries = [
  ...allRules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
];

// `up` is what Prometheus itself says of a target. Without Redis there is no redis_ready.
const known = new Set(['up', 'redis_ready', ...allRules.flatMap(({ record }) => record ?? [])]);

test('every metric of a rule or a panel is exported by combined-demo', async () => {
  const exported = await readDemoMetrics();
  const named = [...new Set(queries.flatMap(metricsIn))].sort();
  expect(named).toContain('http_request_duration_seconds_bucket');
  expect(named.filter((name) => !exported.has(name) && !known.has(name))).toEqual([]);
});

describe('the names in a query', () => {
  test.each([
    ['rate(a_total[5m])', ['a_total']],
    ['sum by (job, le) (rate(a_bucket{le="b_total",x=~"c"}[$__rate_interval])) > 1', ['a_bucket']],
    ['a / ignoring (b) group_left (c) d and on (job) e offset 5m', ['a', 'd', 'e']],
    ['histogram_quantile(0.99, route:x:rate5m)', ['route:x:rate5m']],
  ])('of %s', (query, names) => {
    expect(metricsIn(query)).toEqual(names);
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!hasPromtool && !process.env.CI)('promtool (skipped where it is not installed)', () => {
  test.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', '--lint-fatal', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('%s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: OPS, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
  });

  test('finds an alert that no longer fires', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-ops-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(
      join(folder, 'alerts.yml'),
      read('alerts.yml').replace('redis_ready == 0', 'redis_ready == 2'),
    );
    writeFileSync(join(folder, 'alerts.test.yml'), read('alerts.test.yml'));
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], options);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('RedisLost');
  });
});
