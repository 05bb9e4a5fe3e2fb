import { setImmediate } from 'node:timers/promises';
import type { Story } from '@lab/testing/story';
import { createReadThrough } from '../src/index.ts';
import { createNaiveCache } from './naive-cache.ts';

const AT_ONCE = 1000;
const CHANGES = 20;
const REPEATS = 10;
const UNKNOWN_KEYS = 10_000;
const MAX_ENTRIES = 1000;

type Load = () => Promise<unknown>;

/** One way to cache. */
interface Way {
  readonly get: (key: string, load: Load) => Promise<unknown>;
  readonly invalidate: (key: string) => void;
  readonly size: () => number;
}

const naive = (): Way => {
  const { get, invalidate, values } = createNaiveCache<unknown>();
  return { get, invalidate, size: () => values.size };
};

const ours = (): Way => {
  const nothing = () => undefined;
  const events = { onHit: nothing, onMiss: nothing, onEvict: nothing, onLoad: nothing };
  const cache = createReadThrough<unknown>(
    { nowMs: () => performance.now(), random: Math.random, sizeOf: () => 100, events },
    {
      ...{ ttlMs: 30_000, staleMs: 0, negativeTtlMs: 5000, jitter: 0.1, boundMs: 1000 },
      ...{ maxEntries: MAX_ENTRIES, maxBytes: 10_000_000 },
    },
  );
  return {
    get: async (key, load) => (await cache.get(key, load)).value,
    invalidate: (key) => void cache.invalidate(key),
    size: () => cache.size,
  };
};

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** An origin that takes a turn of the event loop, and counts how often it is asked. */
const createOrigin = (read: () => unknown) => {
  let loads = 0;
  const load: Load = async () => {
    loads += 1;
    const value = read();
    await setImmediate();
    return value;
  };
  return { load, loads: () => loads };
};

const countStampede = async ({ get }: Way): Promise<number> => {
  const origin = createOrigin(() => 'a product');
  await Promise.all(range(AT_ONCE).map(() => get('product', origin.load)));
  return origin.loads() - 1;
};

/** The price changes while a request loads it. Resolves with what is shown afterward. */
const changeDuringLoad = async ({ get, invalidate }: Way, key: string): Promise<unknown> => {
  let price = '10.00';
  const origin = createOrigin(() => price);
  const loading = get(key, origin.load);
  await Promise.resolve();
  price = '20.00';
  invalidate(key);
  await loading;
  return get(key, origin.load);
};

const countOldPrices = async (way: Way): Promise<number> => {
  let old = 0;
  for (const index of range(CHANGES))
    if ((await changeDuringLoad(way, `product-${index}`)) !== '20.00') old += 1;
  return old;
};

const countFalsyLoads = async ({ get }: Way): Promise<number> => {
  let surplus = 0;
  for (const value of [0, false, '', null]) {
    const origin = createOrigin(() => value);
    for (const _ of range(REPEATS)) await get(`value ${value}`, origin.load);
    surplus += origin.loads() - 1;
  }
  return surplus;
};

const countUnbounded = async ({ get, size }: Way): Promise<number> => {
  await Promise.all(range(UNKNOWN_KEYS).map((index) => get(`unknown-${index}`, async () => 'not found')));
  return Math.max(0, size() - MAX_ENTRIES);
};

export const breakNaive = async (): Promise<Story> => {
  const both = async <Result>(measure: (way: Way) => Promise<Result>) => ({
    naive: await measure(naive()),
    ours: await measure(ours()),
  });
  return {
    victim: {
      given: 'a price that changes from 10.00 to 20.00 while a request loads it; what is shown next',
      ...(await both(async (way) => String(await changeDuringLoad(way, 'victim')))),
    },
    counts: [
      {
        what: `old prices shown after a change during a load, of ${CHANGES}`,
        ...(await both(countOldPrices)),
      },
      {
        what: `loads too many, when ${AT_ONCE} requests want one product at once`,
        ...(await both(countStampede)),
      },
      {
        what: `loads too many, when 0, false, "" and null are each read ${REPEATS} times`,
        ...(await both(countFalsyLoads)),
      },
      {
        what: `entries over a bound of ${MAX_ENTRIES}, after ${UNKNOWN_KEYS} unknown keys`,
        ...(await both(countUnbounded)),
      },
    ],
  };
};
