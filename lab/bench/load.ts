import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { z } from 'zod';
import { nodeOn, type ServerProcess } from './server-process.ts';

/** One request, sent over and over. */
export interface LoadRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server for one request; undefined where the system does not tell. */
  readonly cpuMicros: number | undefined;
}

const connections = 32;

const report = z.object({
  requests: z.object({ average: z.number(), total: z.number() }),
  latency: z.object({ p50: z.number(), p99: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
});

const autocannon = createRequire(import.meta.url).resolve('autocannon/autocannon.js');

const fire = async (url: string, request: LoadRequest, seconds: number): Promise<z.output<typeof report>> => {
  const { method, path, body } = request;
  const [command, args] = nodeOn('load', [
    autocannon,
    ...['--json', '--no-progress', '-c', String(connections), '-d', String(seconds), '-m', method],
    ...(body === undefined ? [] : ['-H', 'Content-Type: application/json', '-b', JSON.stringify(body)]),
    `${url}${path}`,
  ]);
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 24 });
  const result = report.parse(JSON.parse(stdout));
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${path}: ${result.non2xx + result.errors} failed`);
  return result;
};

/** Warms the server up, then measures. Throws when any answer was not a 2xx. */
export const measureLoad = async (
  server: ServerProcess,
  request: LoadRequest,
  seconds: number,
): Promise<LoadResult> => {
  await fire(server.url, request, 1);
  const before = server.cpuMs();
  const { requests, latency } = await fire(server.url, request, seconds);
  const after = server.cpuMs();
  return {
    requestsPerSecond: requests.average,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    cpuMicros:
      before === undefined || after === undefined ? undefined : ((after - before) * 1000) / requests.total,
  };
};
