import { onRedis, openTcpRelay } from '@lab/testing';
import { describe, expect, it, vi } from 'vitest';
import type { SecondTier } from '../src/cache/second-tier.ts';
import { interleavings } from './interleavings.ts';
import { createParty, type Party } from './party.ts';
import { BOUND_MS, openProcesses, type Process, type ProcessOptions } from './redis-processes.ts';

const never = async (): Promise<unknown> => {
  throw new Error('nothing should be loaded');
};

/** As if Redis were a plain store: whoever comes last stores, whatever happened since its load began. */
const withoutVersion = (tier: SecondTier<unknown>): SecondTier<unknown> => ({
  ...tier,
  store: async (key, _lease, value, lifetime) => {
    const { lease } = await tier.look(key);
    return lease ? tier.store(key, lease, value, lifetime) : 'unavailable';
  },
});

interface Match {
  readonly processes: readonly Process[];
  readonly key: string;
  readonly order: readonly number[];
}

/** Readers in two processes and a writer in a third take their steps in an order. Resolves with what is shown later. */
const play = async ({ processes, key, order }: Match): Promise<readonly unknown[]> => {
  const [first, second, third] = processes;
  if (!first || !second || !third) throw new Error('there must be three processes');
  let row = 'old';
  const read = (process: Process) => async (party: Party) => {
    await process.cache.get(key, async () => {
      await party.gate();
      const value = row;
      await party.gate();
      return value;
    });
  };
  const write = async (party: Party) => {
    row = 'new';
    await party.gate();
    await third.cache.invalidate(key);
  };
  const parties = [read(first), read(second), write].map(createParty);
  for (const turn of order) await parties[turn]?.step();
  for (const { advance } of processes) advance(BOUND_MS);
  return Promise.all(processes.map(async ({ cache }) => (await cache.get(key, async () => row)).value));
};

await onRedis(({ url, newPrefix }) => {
  const open = (...options: readonly ProcessOptions[]) => openProcesses(url, newPrefix(), options);

  it.each([[0], [false], [''], [null], [undefined], [{ nested: ['é', 1] }]])(
    'gives %j that one process has loaded to the other, which loads nothing',
    async (value) => {
      const [one, other] = await open({}, {});
      expect(await one?.cache.get('key', async () => value)).toMatchObject({ value, outcome: 'miss' });
      expect(await other?.cache.get('key', never)).toMatchObject({ value, outcome: 'hit' });
    },
  );

  it('tells the other processes what is invalidated, and forgets it in Redis', async () => {
    const [one, other] = await open({}, {});
    await one?.cache.get('key', async () => 'old');
    await other?.cache.get('key', never);
    const heard = other?.heard() ?? 0;
    await one?.cache.invalidate('key');
    await vi.waitFor(() => expect(other?.heard()).toBe(heard + 1));
    expect(await other?.cache.get('key', async () => 'new')).toMatchObject({ value: 'new', outcome: 'miss' });
    expect(await one?.cache.get('key', never)).toMatchObject({ value: 'new', outcome: 'hit' });
    await one?.cache.clear();
    await vi.waitFor(() => expect(other?.heard()).toBe(heard + 2));
    expect(await other?.cache.get('key', async () => 'newer')).toMatchObject({ outcome: 'miss' });
  });

  it('serves a copy in memory no longer than the bound if the message is lost', async () => {
    const [writer, deaf] = await open({}, { isDeaf: true });
    await deaf?.cache.get('key', async () => 'old');
    await writer?.cache.invalidate('key');
    deaf?.advance(BOUND_MS - 1);
    expect(await deaf?.cache.get('key', never)).toMatchObject({ value: 'old', outcome: 'hit' });
    deaf?.advance(1);
    expect(await deaf?.cache.get('key', async () => 'new')).toMatchObject({ value: 'new' });
  });

  describe('two readers and a writer in three processes that do not hear each other', () => {
    const all = interleavings([3, 3, 2]);
    /** Orders that leave the old value: all of them, or the first one. */
    const faultsOf = async (most: number, plant?: ProcessOptions['plant']) => {
      const deaf = { isDeaf: true, ...(plant && { plant }) };
      const processes = await open(deaf, deaf, deaf);
      const faults: string[] = [];
      for (const order of all) {
        const key = order.join('');
        const shown = await play({ processes, key, order });
        if (shown.some((value) => value !== 'new')) faults.push(key);
        if (faults.length === most) break;
      }
      return faults;
    };

    it('show the new value after the bound, in each of 560 orders of their steps', async () => {
      expect(await faultsOf(all.length)).toEqual([]);
    }, 60_000);

    it('finds the planted bug: stored without a lease', async () => {
      expect((await faultsOf(1, withoutVersion)).length).toBe(1);
    }, 60_000);
  });

  it('does not believe what Redis had before it was away', async () => {
    const relay = await openTcpRelay(url);
    const name = newPrefix();
    // The writer never repeats: what helps the reader is only what it does itself.
    const [reader, writer] = await openProcesses(relay.url, name, [{}, { repeatMs: 1_000_000 }]);
    const [witness] = await openProcesses(url, name, [{}]);
    await reader?.cache.get('key', async () => 'old');
    relay.cut();
    await vi.waitFor(() => expect(reader?.redis.isReady).toBe(false), 10_000);
    await writer?.cache.invalidate('key');
    relay.restore();
    await vi.waitFor(() => expect(reader?.redis.isReady).toBe(true), 10_000);
    // This one was never cut off, and shows that Redis still has the old value.
    expect(await witness?.cache.get('key', never)).toMatchObject({ value: 'old' });
    reader?.advance(BOUND_MS);
    expect(await reader?.cache.get('key', async () => 'new')).toMatchObject({
      value: 'new',
      outcome: 'miss',
    });
    witness?.advance(BOUND_MS);
    expect(await witness?.cache.get('key', never)).toMatchObject({ value: 'new', outcome: 'hit' });
  });

  it('does not store what it loaded before Redis was away', async () => {
    const relay = await openTcpRelay(url);
    const name = newPrefix();
    const [reader] = await openProcesses(relay.url, name, [{}]);
    const [other] = await openProcesses(url, name, [{}]);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const load = vi.fn(() => promise);
    const loading = reader?.cache.get('key', load);
    await vi.waitFor(() => expect(load).toHaveBeenCalled());
    relay.cut();
    await vi.waitFor(() => expect(reader?.redis.isReady).toBe(false), 10_000);
    relay.restore();
    await vi.waitFor(() => expect(reader?.redis.isReady).toBe(true), 10_000);
    resolve('read before');
    expect(await loading).toMatchObject({ value: 'read before' });
    expect(await other?.cache.get('key', async () => 'read now')).toMatchObject({ value: 'read now' });
  });

  it('repeats an invalidation until Redis has it', async () => {
    const relay = await openTcpRelay(url);
    const name = newPrefix();
    const [writer] = await openProcesses(relay.url, name, [{}]);
    const [witness] = await openProcesses(url, name, [{}]);
    await witness?.cache.get('key', async () => 'old');
    relay.cut();
    await vi.waitFor(() => expect(writer?.redis.isReady).toBe(false), 10_000);
    await writer?.cache.invalidate('key');
    // Meanwhile the writer itself does not believe Redis about this key.
    expect(await writer?.cache.get('key', async () => 'new')).toMatchObject({ value: 'new' });
    relay.restore();
    await vi.waitFor(
      async () => expect(await witness?.cache.get('key', async () => 'new')).toMatchObject({ value: 'new' }),
      10_000,
    );
  });
});
