import {
  bulkhead,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  retry,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { createDefaultPolicy, reliable, systemClock } from '../reliable-calls.ts';
import { benchAuditCost } from './audit-cost.ts';

const CALLS = 20_000;
const ROUNDS = 15;

/** What is called: it takes no time of its own and looks at its signal, as anything that can be aborted does. */
const work = async ({ signal }: { readonly signal: AbortSignal }): Promise<number> =>
  signal.aborted ? 0 : 1;

const policy = createDefaultPolicy(systemClock);

/** The same parts, but for the budget and the deadline, which cockatiel does not have. */
const theirs = wrap(
  retry(handleAll, {
    maxAttempts: 2,
    backoff: new ExponentialBackoff({ initialDelay: 100, maxDelay: 1000 }),
  }),
  bulkhead(100, 500),
  circuitBreaker(handleAll, {
    halfOpenAfter: 10_000,
    breaker: new CountBreaker({ threshold: 0.5, size: 20 }),
  }),
  timeout(1000, TimeoutStrategy.Aggressive),
);

const idle = new AbortController().signal;

const ways = {
  'no policy': () => work({ signal: idle }),
  reliable: () => reliable(work, policy),
  cockatiel: () => theirs.execute(({ signal }) => work({ signal })),
};

type Way = keyof typeof ways;

/** Microseconds of processor time for each call, one after another. */
const measure = async (call: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage();
  for (let made = 0; made < CALLS; made += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
};

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What each call costs on top of its own work, compared with cockatiel in the same run. */
const benchCalls = async (): Promise<void> => {
  console.log(
    `A call under a policy that has nothing to do: processor time, median of ${ROUNDS} rounds of ${CALLS} calls`,
  );
  const results: Record<Way, number[]> = { 'no policy': [], reliable: [], cockatiel: [] };
  const names: readonly Way[] = ['no policy', 'reliable', 'cockatiel'];
  for (let round = 0; round < ROUNDS; round += 1) {
    // The one that begins changes, so that no one always follows the same one.
    for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)])
      results[name].push(await measure(ways[name]));
  }
  const costs = names.map((name) => [name, medianOf(results[name])] as const);
  const [bare = 0, ours = 0, cockatiel = 0] = costs.map(([, cost]) => cost);
  for (const [name, cost] of costs)
    console.log(`${name.padEnd(10)} ${cost.toFixed(2).padStart(7)} us a call`);
  console.log(
    `overhead of reliable to that of cockatiel: ${((ours - bare) / (cockatiel - bare)).toFixed(2)}`,
  );
};

/** The overhead of a policy for each call, and that of an audit entry for each durable write. */
export const benchReliability = async (): Promise<void> => {
  await benchCalls();
  await benchAuditCost();
};
