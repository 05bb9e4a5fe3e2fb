import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atEnd } from './leftovers.ts';
import { type LoadReport, type LoadRequest, loadReport, type Volume } from './load-order.ts';
import { nodeOn, type ServerProcess } from './server-process.ts';

export interface LoadResult extends Pick<LoadReport, 'total' | 'answered' | 'p50Ms' | 'p99Ms' | 'replayed'> {
  readonly requestsPerSecond: number;
  /** CPU time of the server for one request; undefined if the system does not report it. */
  readonly cpuMicros: number | undefined;
}

export const connections = 32;

const script = join(import.meta.dirname, 'load-process.ts');

/** Sends one request over and over. Throws if any response is not 2xx. */
export const load = async (
  server: ServerProcess,
  request: LoadRequest,
  volume: Volume,
): Promise<LoadResult> => {
  const order = JSON.stringify({ url: server.url, connections, request, volume });
  const [command, args] = nodeOn('load', [script, order]);
  const before = server.cpuMs();
  const sending = promisify(execFile)(command, args);
  const stop = atEnd(() => sending.child.kill());
  const { stdout } = await sending.finally(stop);
  const after = server.cpuMs();
  const { seconds, failed, ...report } = loadReport.parse(JSON.parse(stdout));
  if (failed > 0) throw new Error(`${request.path}: ${failed} failed`);
  const cpuMs = before === undefined || after === undefined ? undefined : after - before;
  return {
    ...report,
    requestsPerSecond: report.total / seconds,
    cpuMicros: cpuMs === undefined ? undefined : (cpuMs * 1000) / report.answered,
  };
};
