import type { Story } from '@lab/testing/story';
import {
  type Call,
  createBulkhead,
  createCircuitBreaker,
  createRetryBudget,
  type Policy,
  reliable,
} from '../src/index.ts';
import { retryNaively } from './naive-retry.ts';
import { createVirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const CALLS = 1000;

/** Makes a call in one of two ways. */
type Way = <Value>(call: Call<Value>) => Promise<Value>;

/** Both ways on a clock of their own. The policy has the defaults of the server. Chance is even, and always the same. */
const openWays = () => {
  const time = createVirtualClock();
  const { clock, wait } = time;
  let draws = 0;
  const random = (): number => {
    draws += 1;
    return (draws * 0.618_033_988_75) % 1;
  };
  const policy: Policy = {
    deadlineMs: 5000,
    attemptTimeoutMs: 1000,
    maxAttempts: 3,
    baseMs: 100,
    capMs: 1000,
    budget: createRetryBudget(clock),
    breaker: createCircuitBreaker(clock, {
      windowCalls: 20,
      failurePercent: 50,
      openMs: 10_000,
      probeTimeoutMs: 1000,
    }),
    bulkhead: createBulkhead({ clock }, { maxCalls: 100, maxQueue: 500 }),
    clock,
    random,
  };
  const { signal } = new AbortController();
  const naive: Way = (call) => retryNaively(() => call({ signal, number: 1 }), wait);
  const ours: Way = (call) => reliable(call, policy);
  return { ...time, ways: { naive, ours } };
};

type WayName = 'naive' | 'ours';

const dead = () => Promise.reject(new Error('connection refused'));
const hanging = () => new Promise<never>(() => undefined);

/** Calls a dead service, ten times a second. Counts what arrives there beyond the calls. */
const loadOnDead = async (name: WayName): Promise<number> => {
  const { ways, wait, runUntil } = openWays();
  let arrived = 0;
  const call = () => {
    arrived += 1;
    return dead();
  };
  const client = async (index: number): Promise<void> => {
    await wait(index * 100);
    await ways[name](call).catch(() => undefined);
  };
  for (let index = 0; index < CALLS; index += 1) void client(index);
  await runUntil(2 * MINUTE_MS);
  return Math.max(0, arrived - CALLS);
};

/** A hundred clients fail at once. Counts the most retries that arrive within the same 10 ms. */
const herd = async (name: WayName): Promise<number> => {
  const { ways, clock, runUntil } = openWays();
  const retriesIn = new Map<number, number>();
  const client = async (): Promise<void> => {
    let attempts = 0;
    const call = () => {
      attempts += 1;
      const slot = Math.floor(clock.nowMs() / 10);
      if (attempts > 1) retriesIn.set(slot, (retriesIn.get(slot) ?? 0) + 1);
      return dead();
    };
    await ways[name](call).catch(() => undefined);
  };
  for (let index = 0; index < 100; index += 1) void client();
  await runUntil(MINUTE_MS);
  return Math.max(0, ...retriesIn.values());
};

/** Calls a service that never answers. Counts the clients that still wait after a minute. */
const stillWaiting = async (name: WayName): Promise<number> => {
  const { ways, runUntil } = openWays();
  let waiting = 0;
  const client = async (): Promise<void> => {
    waiting += 1;
    await ways[name](hanging).catch(() => undefined);
    waiting -= 1;
  };
  for (let index = 0; index < 100; index += 1) void client();
  await runUntil(MINUTE_MS);
  return waiting;
};

/** One client of a service that never answers. Resolves with what it is told, and when. */
const tellVictim = async (name: WayName): Promise<string> => {
  const { ways, clock, runUntil } = openWays();
  let told = 'nothing after a minute';
  const client = ways[name](hanging).catch((error: Error) => {
    told = `${error.name} after ${Math.round(clock.nowMs())} ms`;
  });
  await runUntil(MINUTE_MS);
  void client;
  return told;
};

export const breakNaive = async (): Promise<Story> => {
  const both = async <Result>(measure: (name: WayName) => Promise<Result>) => ({
    naive: await measure('naive'),
    ours: await measure('ours'),
  });
  return {
    victim: { given: 'a call to a service that never answers', ...(await both(tellVictim)) },
    counts: [
      { what: 'clients that wait after a minute, of 100 of such a service', ...(await both(stillWaiting)) },
      { what: 'additional load on a dead service, of 1,000 calls in 100 s', ...(await both(loadOnDead)) },
      { what: 'retries in the busiest 10 ms, where 100 calls fail at once', ...(await both(herd)) },
    ],
  };
};
