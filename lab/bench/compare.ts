import { verifyAlike } from './alike.ts';
import type { Contestant } from './contestant.ts';
import { type LoadResult, load } from './load.ts';
import type { LoadRequest } from './load-order.ts';
import { verifyLogLines } from './log-lines.ts';

/** How many turns each server of a comparison has: `rounds=` of the command. */
export const rounds = Number(process.env.rounds ?? 9);
const volume = { duration: 2, warmUp: 0.5 };
const WARM_UP_REQUESTS = 20_000;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const medianOf = (results: readonly LoadResult[], key: keyof LoadResult): number =>
  median(results.map((result) => result[key] ?? 0));

/** A line with the medians of several rounds. */
export const row = (name: string, results: readonly LoadResult[]): string =>
  [
    name.padEnd(18),
    `${medianOf(results, 'requestsPerSecond').toFixed(0)} req/s`.padStart(12),
    `p50 ${medianOf(results, 'p50Ms').toFixed(1)} ms`.padStart(13),
    `p99 ${medianOf(results, 'p99Ms').toFixed(1)} ms`.padStart(14),
    `${medianOf(results, 'cpuMicros').toFixed(1)} us CPU/req`.padStart(20),
  ].join('');

export interface Contest {
  readonly title: string;
  readonly request: LoadRequest;
  /** An invalid request, which all servers with the lab's features must refuse. */
  readonly invalid?: LoadRequest;
  readonly lab: Contestant;
  readonly others: readonly Contestant[];
}

interface Turns {
  readonly contestant: Contestant;
  readonly results: LoadResult[];
}

/** Puts one server after another under load. Each round starts with a different one. */
export const takeTurns = async (
  contestants: readonly Contestant[],
  requestOf: (contestant: Contestant) => LoadRequest,
): Promise<readonly Turns[]> => {
  const turns = contestants.map((contestant): Turns => ({ contestant, results: [] }));
  // Measuring starts after the code is compiled, which depends on the number of requests and not on time.
  for (const { contestant } of turns)
    await load(contestant.server, requestOf(contestant), { amount: WARM_UP_REQUESTS });
  for (let round = 0; round < rounds; round += 1) {
    const first = round % turns.length;
    for (const { contestant, results } of [...turns.slice(first), ...turns.slice(0, first)]) {
      results.push(await load(contestant.server, requestOf(contestant), volume));
    }
  }
  return turns;
};

/** The median of the ratios within each round, so that noise longer than a round cancels out. */
export const ratioOf = (
  results: readonly LoadResult[],
  others: readonly LoadResult[],
  key: 'requestsPerSecond' | 'cpuMicros',
): number => median(results.map((one, index) => (one[key] ?? 0) / (others[index]?.[key] ?? 1)));

/** Whether a ratio meets its aim, or by how much it misses it. */
export const verdict = (ratio: number, aim: number): string =>
  ratio >= aim
    ? `aim ${aim.toFixed(2)} met`
    : `aim ${aim.toFixed(2)} missed by ${((1 - ratio / aim) * 100).toFixed(0)} %`;

const LEAST_SHARE = 0.85;

/** The smallest share of its core that any server had: 1 if nothing else ran on it. */
const leastShareOfCore = (turns: readonly Turns[]): number =>
  Math.min(
    ...turns.map(({ results }) =>
      median(
        results.map(({ requestsPerSecond, cpuMicros }) => (requestsPerSecond * (cpuMicros ?? 1e6)) / 1e6),
      ),
    ),
  );

const printRatios = (ours: readonly LoadResult[], others: readonly Turns[], share: number): void => {
  const isQuiet = share >= LEAST_SHARE;
  for (const { contestant, results } of others) {
    const { name, aim } = contestant;
    const throughput = ratioOf(ours, results, 'requestsPerSecond');
    const cpu = ratioOf(results, ours, 'cpuMicros');
    const figures = `${throughput.toFixed(2)} by requests/s, ${cpu.toFixed(2)} by CPU time`;
    const end = aim === undefined ? '' : `; ${verdict(isQuiet ? throughput : cpu, aim)}`;
    console.log(`ratio to ${name}: ${figures}${end}`);
  }
  if (isQuiet) return;
  console.log(
    `a server had only ${(share * 100).toFixed(0)} % of its core because this machine is busy: judged by CPU time`,
  );
};

/** Compares a server of the lab with others that give the same response, in turns. Prints the results and ratios. */
export const compare = async ({ title, request, invalid, lab, others }: Contest): Promise<void> => {
  const contestants = [...others, lab];
  await verifyAlike(request, invalid, lab, others);
  const turns = await takeTurns(contestants, () => request);
  const ours = turns.at(-1)?.results ?? [];
  console.log(`\n${title}`);
  for (const { contestant, results } of turns) console.log(row(contestant.name, results));
  printRatios(ours, turns.slice(0, -1), leastShareOfCore(turns));
  for (const { contestant, results } of turns) {
    const answered = results.reduce((sum, one) => sum + one.answered, 0);
    if (contestant.isFull) await verifyLogLines(contestant.name, contestant.server.logFile, answered);
  }
};
