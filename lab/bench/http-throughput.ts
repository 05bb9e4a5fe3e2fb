import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadRequest, type LoadResult, measureLoad } from './load.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const root = join(import.meta.dirname, '../..');
const rounds = 5;
const secondsPerRound = 2;

const line = (index: number) => ({
  sku: `SKU-${index}`,
  quantity: index + 1,
  unit_price: { amount: `${index + 3}.495`, currency: 'USD' },
});

const requests: readonly LoadRequest[] = [
  {
    method: 'POST',
    path: '/echo',
    body: {
      message: 'Two scoops of vanilla, please',
      tags: ['ice', 'snack'],
      metadata: { table: 4, paid: true },
    },
  },
  {
    method: 'POST',
    path: '/cart/quote',
    body: { items: [0, 1, 2, 3, 4].map(line), discount: { percent: '10' }, tax_rate: '0.0825' },
  },
];

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const medianOf = (results: readonly LoadResult[], key: keyof LoadResult): number =>
  median(results.map((result) => result[key] ?? 0));

const row = (name: string, results: readonly LoadResult[]): string =>
  [
    name.padEnd(16),
    `${medianOf(results, 'requestsPerSecond').toFixed(0)} req/s`.padStart(14),
    `p50 ${medianOf(results, 'p50Ms').toFixed(1)} ms`.padStart(12),
    `p99 ${medianOf(results, 'p99Ms').toFixed(1)} ms`.padStart(12),
    `${medianOf(results, 'cpuMicros').toFixed(1)} us CPU/req`.padStart(20),
  ].join('');

const answerOf = async ({ url }: ServerProcess, { method, path, body }: LoadRequest): Promise<string> => {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  return response.text();
};

const compare = async (lab: ServerProcess, request: LoadRequest, logFile: string): Promise<void> => {
  const env = { ANSWER: await answerOf(lab, request) };
  const bare = await startServer(join(root, 'lab/bench/bare-server.ts'), root, env, logFile);
  const results: { lab: LoadResult; bare: LoadResult }[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      results.push({
        bare: await measureLoad(bare, request, secondsPerRound),
        lab: await measureLoad(lab, request, secondsPerRound),
      });
    }
  } finally {
    await bare.stop();
  }
  const throughput = median(results.map((pair) => pair.lab.requestsPerSecond / pair.bare.requestsPerSecond));
  const cpu = median(results.map((pair) => (pair.bare.cpuMicros ?? 0) / (pair.lab.cpuMicros ?? 1)));
  console.log(`\n${request.method} ${request.path}`);
  console.log(
    row(
      'bare node:http',
      results.map((pair) => pair.bare),
    ),
  );
  console.log(
    row(
      'combined-demo',
      results.map((pair) => pair.lab),
    ),
  );
  console.log(
    `ratio to bare: ${throughput.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time (medians of pairs)`,
  );
};

/** Requests per second of the combined demo against a bare server that only parses and serialises, in turns. */
export const benchHttpThroughput = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-bench-'));
  const env = {
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    APP_ENV: 'production',
    AUTH_TOKENS: 'bench-token=1',
    ADMIN_TOKEN: 'bench-admin-token',
    CURSOR_SECRET: 'cursor-secret-of-the-benchmark',
  };
  console.log(`HTTP throughput: one server process on one core, 32 connections, ${rounds} rounds in turns`);
  const lab = await startServer('src/server.ts', join(root, 'combined-demo'), env, join(folder, 'lab.log'));
  try {
    for (const request of requests) await compare(lab, request, join(folder, 'bare.log'));
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true });
  }
};
