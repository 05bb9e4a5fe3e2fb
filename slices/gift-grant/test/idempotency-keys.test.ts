import { createFakeClock, type DatabaseEngine, eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { startKeySweeper, sweepExpiredKeys } from '../src/idempotency-keys.ts';
import { NOON, openGiftApp } from './gift-app.ts';

const NOON_MS = Date.parse(NOON);

const openKeys = async (engine: DatabaseEngine, expiries: readonly number[]) => {
  const { db, count } = await openGiftApp(engine);
  const row = { scope: 's', fingerprint: 'f', response: '{}' };
  const rows = expiries.map((ms, index) => ({ ...row, key: `${index}`, expires_at: NOON_MS + ms }));
  await db.insertInto('idempotency_keys').values(rows).execute();
  return { db, keys: async () => (await count()).keys };
};

eachDatabase((engine) => {
  it('deletes expired keys, oldest first, batch by batch', async () => {
    const { db, keys } = await openKeys(engine, [-5, -4, -3, 0, 1, 1000]);
    const sweep = () => sweepExpiredKeys(db, { now: new Date(NOON), batchSize: 3 });
    expect([await sweep(), await sweep(), await sweep()]).toEqual([3, 1, 0]);
    expect(await keys()).toBe(2);
  });

  it('deletes all batches without a pause, then sleeps and repeats', async () => {
    const { db, keys } = await openKeys(engine, [-5, -4, -3, -2, 500]);
    const { now, advance } = createFakeClock(NOON);
    const pauses: number[] = [];
    const asleep = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let wake = () => {};
    const sleep = async (ms: number, signal: AbortSignal) => {
      pauses.push(ms);
      asleep[pauses.length - 1]?.resolve();
      await new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener('abort', () => resolve());
      });
    };
    const sweeper = startKeySweeper(
      { db, now, sleep, onError: (error) => expect.unreachable(String(error)) },
      { intervalMs: 1000, batchSize: 2 },
    );
    await asleep[0]?.promise;
    expect([pauses, await keys()]).toEqual([[1000], 1]);
    await advance(1000);
    wake();
    await asleep[1]?.promise;
    expect(await keys()).toBe(0);
    await sweeper.stop();
  });

  it('reports a failed batch and keeps running', async () => {
    const { db } = await openKeys(engine, [-1]);
    await db.schema.dropTable('idempotency_keys').execute();
    const failed = Promise.withResolvers<unknown>();
    const deps = { db, now: () => new Date(NOON), onError: failed.resolve };
    const sweeper = startKeySweeper(deps, { intervalMs: 60_000, batchSize: 2 });
    expect(await failed.promise).toBeInstanceOf(Error);
    await sweeper.stop();
  });
});
