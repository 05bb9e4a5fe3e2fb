/** What clients do to a service that is down, in the naive way and in ours. */
import { type Call, type Policy, reliable } from '../src/index.ts';
import { createDefaultPolicy } from './default-policy.ts';
import { retryNaively } from './naive-retry.ts';
import type { Way } from './notes.ts';
import { createVirtualClock } from './virtual-clock.ts';

const MINUTE_MS = 60_000;
const CALLS = 1000;

/** Makes a call. */
type Make = <Value>(call: Call<Value>) => Promise<Value>;

/** Both ways on a clock of their own. Chance is even, and always the same. */
const openWays = () => {
  const time = createVirtualClock();
  const { clock, wait } = time;
  let draws = 0;
  const random = (): number => {
    draws += 1;
    return (draws * 0.618_033_988_75) % 1;
  };
  const policy: Policy = { ...createDefaultPolicy(clock), random };
  const { signal } = new AbortController();
  const naive: Make = (call) => retryNaively(() => call({ signal, number: 1 }), wait);
  const ours: Make = (call) => reliable(call, policy);
  return { ...time, ways: { naive, ours } };
};

const dead = () => Promise.reject(new Error('connection refused'));
const hanging = () => new Promise<never>(() => undefined);

/** Calls a dead service, ten times a second. Counts what arrives there beyond the calls. */
export const loadOnDead = async (name: Way): Promise<number> => {
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
export const herd = async (name: Way): Promise<number> => {
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
export const stillWaiting = async (name: Way): Promise<number> => {
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
export const tellVictim = async (name: Way): Promise<string> => {
  const { ways, clock, runUntil } = openWays();
  let told = 'nothing after a minute';
  const client = ways[name](hanging).catch((error: Error) => {
    told = `${error.name} after ${Math.round(clock.nowMs())} ms`;
  });
  await runUntil(MINUTE_MS);
  void client;
  return told;
};
