import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parsePrometheus, startServerProcess } from '@lab/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const RUN_MS = 90_000;
const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});

/** Starts Prometheus on a free port, scraping one server each 200 ms; resolves with a function that queries it. */
const startPrometheus = async (target: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const scrape = `{ job_name: lab, static_configs: [{ targets: ['${new URL(target).host}'] }] }`;
  writeFileSync(
    config,
    `global: { scrape_interval: 200ms, scrape_timeout: 200ms }\nscrape_configs: [${scrape}]\n`,
  );
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}`,
    '--web.listen-address=127.0.0.1:0',
  ];
  const child = spawn('prometheus', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface(child.stderr)) {
    const [, port] = /Listening on.*address=127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port === undefined) continue;
    child.stderr.resume();
    return async (query: string) => {
      const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const response = await fetch(url);
      return response.ok ? answer.parse(await response.json()).data.result : [];
    };
  }
  throw new Error('Prometheus ended without listening');
};

const isInstalled = spawnSync('prometheus', ['--version']).status === 0;

describe.skipIf(!isInstalled && !process.env.CI)('Prometheus (skipped where it is not installed)', () => {
  test('scrapes the server, and answers with the counts that the server has', {
    timeout: RUN_MS,
  }, async () => {
    const env = { DATABASE_URL: 'sqlite::memory:', SEED_PRODUCTS: '50', LOG_LEVEL: 'info' };
    const { url } = await startServerProcess(new URL('../src/server.ts', import.meta.url), { env });
    const query = await startPrometheus(url);
    const targets = { '/products': 30, '/schemas': 12, '/gone': 5 };
    for (const [path, times] of Object.entries(targets))
      for (let sent = 0; sent < times; sent += 1) await (await fetch(`${url}${path}`)).arrayBuffer();

    const { value } = parsePrometheus(await (await fetch(`${url}/metrics`)).text());
    for (const [route, status, times] of [
      ['/products', '200', 30],
      ['/schemas', '200', 12],
      ['unmatched', '404', 5],
    ] as const) {
      const labels = { method: 'GET', route, status };
      expect(value('http_requests_total', labels)).toBe(times);
      const selector = Object.entries(labels).map(([name, text]) => `${name}="${text}"`);
      const scraped = async () =>
        (await query(`http_requests_total{${selector}}`)).map((each) => Number(each.value[1]));
      await expect.poll(scraped, { timeout: 30_000, interval: 200 }).toEqual([times]);
      const count = async () =>
        (await query(`http_request_duration_seconds_count{route="${route}"}`)).map((each) =>
          Number(each.value[1]),
        );
      await expect.poll(count, { timeout: 30_000, interval: 200 }).toEqual([times]);
    }
    expect((await query('up'))[0]?.value[1]).toBe('1');
  });
});
