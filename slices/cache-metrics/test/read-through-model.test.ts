import { setImmediate } from 'node:timers/promises';
import { createSeededRandom } from '@lab/testing';
import { expect, it } from 'vitest';
import { createReadThrough, type Lookup } from '../src/cache/read-through.ts';
import { createCacheModel, limits, sizeOf, type Value } from './cache-model.ts';

const OPERATIONS = 100_000;
const KEYS = 20;

interface Running {
  readonly id: number;
  readonly key: string;
  readonly settle: PromiseWithResolvers<Value>;
}

/** A cache on a clock that stands still, and an origin whose loads end when the test says so. */
const openCache = () => {
  let nowMs = 0;
  const running: Running[] = [];
  const counts = { hits: 0, misses: 0, evictions: { entries: 0, bytes: 0, expired: 0 }, loads: 0 };
  let started = 0;
  const cache = createReadThrough<Value>(
    {
      nowMs: () => nowMs,
      random: () => 0,
      sizeOf,
      events: {
        onHit: () => (counts.hits += 1),
        onMiss: () => (counts.misses += 1),
        onEvict: (reason) => (counts.evictions[reason] += 1),
        onLoad: () => (counts.loads += 1),
      },
    },
    { ...limits, jitter: 0, boundMs: 0 },
  );
  const get = (key: string) =>
    cache.get(key, () => {
      const settle = Promise.withResolvers<Value>();
      running.push({ id: started, key, settle });
      started += 1;
      return settle.promise;
    });
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { cache, counts, running, get, advance, now: () => nowMs, started: () => started };
};

it('loads a missing key once for 1,000 who want it at once', async () => {
  const { counts, running, get, started } = openCache();
  const answers = Array.from({ length: 1000 }, () => get('wanted'));
  await setImmediate();
  expect([started(), counts.misses]).toEqual([1, 0]);
  running[0]?.settle.resolve(7);
  for (const { value, outcome } of await Promise.all(answers)) expect([value, outcome]).toEqual([7, 'miss']);
  expect([started(), counts.loads, counts.misses, counts.hits]).toEqual([1, 1, 1000, 0]);
});

it(`does what a simple model does, in ${OPERATIONS.toLocaleString('en')} random operations`, async () => {
  const random = createSeededRandom(20_261_128);
  const upTo = (count: number) => Math.floor(random() * count);
  const { cache, counts, running, get, advance, now, started } = openCache();
  const model = createCacheModel();
  const waiting: { readonly id: number; readonly got: Promise<Lookup<Value> | 'failed'> }[] = [];

  const ask = async (key: string): Promise<void> => {
    const expected = model.get(key, now());
    const got = get(key).catch(() => 'failed' as const);
    if (expected.waitsFor === undefined) expect(await got).toMatchObject(expected);
    else waiting.push({ id: expected.waitsFor, got });
  };

  const land = async (): Promise<void> => {
    const [ended] = running.splice(upTo(running.length), 1);
    if (ended === undefined) return;
    const { id, key, settle } = ended;
    const isFailed = random() < 0.1;
    const value = random() < 0.2 ? undefined : upTo(100);
    model.land(id, key, now(), isFailed ? undefined : { value });
    if (isFailed) settle.reject(new Error('the origin failed'));
    else settle.resolve(value);
    await setImmediate();
    const answered = waiting.filter((each) => each.id === id);
    model.counts.misses += answered.length;
    for (const { got } of answered) {
      waiting.splice(
        waiting.findIndex((each) => each.got === got),
        1,
      );
      const answer = await got;
      if (isFailed) expect(answer).toBe('failed');
      else expect(answer).toMatchObject({ value, outcome: 'miss' });
    }
  };

  for (let operation = 0; operation < OPERATIONS; operation += 1) {
    const chance = random();
    const key = `key-${upTo(KEYS)}`;
    if (chance < 0.55) await ask(key);
    else if (chance < 0.8) await land();
    else if (chance < 0.9) advance(upTo(150));
    else if (chance < 0.998) {
      model.invalidate(key);
      await cache.invalidate(key);
    } else {
      model.clear();
      await cache.clear();
    }
    // Loads start in a microtask.
    await Promise.resolve();
    await Promise.resolve();
    const { loads: _, ...real } = counts;
    if (JSON.stringify(real) !== JSON.stringify(model.counts)) expect(real).toEqual(model.counts);
    if (cache.size !== model.size() || cache.bytes !== model.bytes() || started() !== model.started())
      expect([operation, cache.size, cache.bytes, started()]).toEqual([
        operation,
        model.size(),
        model.bytes(),
        model.started(),
      ]);
  }
  // The run has seen all there is to see.
  expect(Math.min(...Object.values(counts.evictions), counts.hits, counts.misses)).toBeGreaterThan(100);
}, 120_000);
