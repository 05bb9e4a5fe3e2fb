import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createNaiveCache } from '../lab/naive-cache.ts';
import { createReadThrough } from '../src/cache/read-through.ts';
import { createStepper, interleavings } from './interleavings.ts';

/** What is compared: a cache, and the order in which its writer commits and invalidates. */
interface Design {
  readonly get: (load: () => Promise<string>) => Promise<unknown>;
  readonly invalidate: () => unknown;
  readonly order: 'commit first' | 'invalidate first';
}

const ignore = () => undefined;
const events = { onHit: ignore, onMiss: ignore, onEvict: ignore, onLoad: ignore };
const options = {
  ...{ ttlMs: 1000, staleMs: 0, negativeTtlMs: 1000, jitter: 0, boundMs: 0 },
  ...{ maxEntries: 10, maxBytes: 1000 },
};

const readThrough = (order: Design['order']): Design => {
  const cache = createReadThrough<string>(
    { nowMs: () => 0, random: () => 0, sizeOf: () => 1, events },
    options,
  );
  return {
    get: async (load) => (await cache.get('key', load)).value,
    invalidate: () => cache.invalidate('key'),
    order,
  };
};

/** Deletes the value, and knows nothing of the loads that are running. */
const withoutVersion = (): Design => {
  const { get, invalidate } = createNaiveCache<string>();
  return { get: (load) => get('key', load), invalidate: () => invalidate('key'), order: 'commit first' };
};

/**
 * Two readers, each of which looks, reads the row and stores, and a writer, which commits and invalidates, in one order
 * of their steps. Resolves with what is wrong afterward.
 */
const play = async (design: Design, order: readonly number[]): Promise<string | undefined> => {
  let row = 'old';
  const readers = [createStepper(), createStepper()];
  const read = async (reader: ReturnType<typeof createStepper>): Promise<unknown> => {
    await reader.gate();
    return design.get(async () => {
      await reader.gate();
      const value = row;
      await reader.gate();
      return value;
    });
  };
  const answers = readers.map(read);
  const commit = () => {
    row = 'new';
  };
  const writer = design.order === 'commit first' ? [commit, design.invalidate] : [design.invalidate, commit];
  for (const party of order) {
    if (party === 2) await writer.shift()?.();
    else readers[party]?.next();
    await setImmediate();
  }
  await Promise.all(answers);
  const after = await design.get(async () => row);
  return after === 'new' ? undefined : `${order.join('')} leaves the old value`;
};

const all = interleavings([3, 3, 2]);

const faultsOf = async (open: () => Design): Promise<string[]> => {
  const faults: string[] = [];
  for (const order of all) faults.push((await play(open(), order)) ?? '');
  return faults.filter((fault) => fault !== '');
};

describe('two readers and a writer, in every order of their steps', () => {
  it('is 560 orders', () => {
    expect(new Set(all.map((order) => order.join())).size).toBe(560);
  });

  it('never leaves the old value in the cache', async () => {
    expect(await faultsOf(() => readThrough('commit first'))).toEqual([]);
  });

  it('finds the planted bug: invalidated before the commit', async () => {
    expect((await faultsOf(() => readThrough('invalidate first'))).length).toBeGreaterThan(0);
  });

  it('finds the planted bug: invalidated without disowning the load', async () => {
    expect((await faultsOf(withoutVersion)).length).toBeGreaterThan(0);
  });
});
