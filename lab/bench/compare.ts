import { type LoadResult, measureLoad } from './load.ts';
import type { LoadRequest } from './load-order.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export const rounds = 5;
const secondsPerRound = 2;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const medianOf = (results: readonly LoadResult[], key: keyof LoadResult): number =>
  median(results.map((result) => result[key] ?? 0));

/** A line of the medians of some rounds. */
export const row = (name: string, results: readonly LoadResult[]): string =>
  [
    name.padEnd(18),
    `${medianOf(results, 'requestsPerSecond').toFixed(0)} req/s`.padStart(12),
    `p50 ${medianOf(results, 'p50Ms').toFixed(1)} ms`.padStart(13),
    `p99 ${medianOf(results, 'p99Ms').toFixed(1)} ms`.padStart(14),
    `${medianOf(results, 'cpuMicros').toFixed(1)} us CPU/req`.padStart(20),
  ].join('');

const answerOf = async ({ url }: ServerProcess, { method, path, body }: LoadRequest): Promise<string> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json' },
    ...sent,
  });
  if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}`);
  return response.text();
};

export interface Contest {
  readonly title: string;
  readonly request: LoadRequest;
  readonly lab: { readonly name: string; readonly server: ServerProcess };
  /** A script of this folder, which serialises the JSON in `ANSWER`: what the lab answers. */
  readonly bare: { readonly script: string; readonly env: Readonly<Record<string, string>> };
}

/** A server of the lab against a bare one, in turns; prints both, and their ratio. */
export const compare = async ({ title, request, lab, bare }: Contest): Promise<void> => {
  const env = { ...bare.env, ANSWER: await answerOf(lab.server, request) };
  const floor = await startServer(bare.script, import.meta.dirname, env);
  const ofLab: LoadResult[] = [];
  const ofBare: LoadResult[] = [];
  // Neither is judged by what it does before its code is compiled.
  for (const server of [floor, lab.server]) await measureLoad(server, request, secondsPerRound);
  for (let round = 0; round < rounds; round += 1) {
    ofBare.push(await measureLoad(floor, request, secondsPerRound));
    ofLab.push(await measureLoad(lab.server, request, secondsPerRound));
  }
  await floor.stop();
  const pairs = ofLab.map((one, index) => ({ one, floor: ofBare[index] ?? one }));
  const throughput = median(pairs.map(({ one, floor }) => one.requestsPerSecond / floor.requestsPerSecond));
  const cpu = median(pairs.map(({ one, floor }) => (floor.cpuMicros ?? 0) / (one.cpuMicros ?? 1)));
  console.log(`\n${title}\n${row('bare node:http', ofBare)}\n${row(lab.name, ofLab)}`);
  console.log(
    `ratio to bare: ${throughput.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time (medians of pairs)`,
  );
};
