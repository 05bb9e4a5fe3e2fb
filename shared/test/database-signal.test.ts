import { fork } from 'node:child_process';
import { once } from 'node:events';
import { eachDatabase, onDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type DatabaseOptions, ping, transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

const reason = new Error('the deadline has passed');

/** A transaction that has locked the account, and holds it until it is told to let go. */
const hold = async (db: Kysely<AccountTables>) => {
  const held = Promise.withResolvers<void>();
  const mayCommit = Promise.withResolvers<void>();
  const done = transact(db, async (trx) => {
    await setBalance(trx, 5);
    held.resolve();
    await mayCommit.promise;
  });
  await held.promise;
  return async () => {
    mayCommit.resolve();
    await done;
  };
};

const isWaiting = async (db: Kysely<AccountTables>): Promise<boolean> => {
  const { rows } = await sql`
    select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(db);
  return rows.length > 0;
};

eachDatabase((engine) => {
  const open = async (options?: DatabaseOptions) => {
    const { db, url } = await engine.open<AccountTables>(options);
    await openAccounts(db);
    return { db, url };
  };

  it('begins no work whose signal was aborted before', async () => {
    const { db } = await open();
    const work = vi.fn(async () => undefined);
    await expect(transact(db, work, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(work).not.toHaveBeenCalled();
  });

  it('commits nothing of work whose signal is aborted meanwhile', async () => {
    const { db } = await open();
    const aborting = new AbortController();
    const work = transact(
      db,
      async (trx) => {
        await setBalance(trx, 5);
        aborting.abort(reason);
      },
      { signal: aborting.signal },
    );
    await expect(work).rejects.toBe(reason);
    expect(await balanceOf(db)).toBe(0);
  });

  it.each([
    ['a lock', 10],
    ['a connection', 1],
  ])('ends the wait for %s', async (_, poolSize) => {
    const { db } = await open({ poolSize });
    const letGo = await hold(db);
    const aborting = new AbortController();
    const started = vi.fn();
    const waiting = transact(
      db,
      async (trx) => {
        started();
        await setBalance(trx, 6);
      },
      { signal: aborting.signal },
    );
    const isLockWait = engine.name === 'postgres' && poolSize > 1;
    if (isLockWait) await vi.waitUntil(() => isWaiting(db));
    aborting.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(started).toHaveBeenCalledTimes(isLockWait ? 1 : 0);
    await letGo();
    expect(await balanceOf(db)).toBe(5);
    await transact(db, (trx) => setBalance(trx, 7), { signal: new AbortController().signal });
    expect(await balanceOf(db)).toBe(7);
  });

  it('answers a ping while others have every connection and every lock', async () => {
    const { db } = await open({ poolSize: 1 });
    const letGo = await hold(db);
    await ping(db);
    await letGo();
  });
});

onDatabase('postgres', (engine) => {
  it('cancels the aborted statement and none that follows on its connection', async () => {
    const { db } = await engine.open<AccountTables>({ poolSize: 1 });
    await openAccounts(db);
    for (let round = 1; round <= 20; round += 1) {
      const aborting = new AbortController();
      const statement = transact(
        db,
        async (trx) => {
          const answer = sql`select pg_sleep(0.001)`.execute(trx);
          // The cancellation has to wait behind these, and would come after the statement has ended.
          const pings = Array.from({ length: 30 }, () => ping(db));
          aborting.abort(reason);
          await answer;
          await Promise.all(pings);
        },
        { signal: aborting.signal },
      );
      await expect(statement).rejects.toBe(reason);
      await sql`select pg_sleep(0.01)`.execute(db);
      await setBalance(db, round);
      expect(await balanceOf(db)).toBe(round);
    }
  });

  it('says nothing on the console about a connection that came too late', async () => {
    const printed = vi.spyOn(console, 'error');
    onTestFinished(() => printed.mockRestore());
    const { db } = await engine.open<AccountTables>({ poolSize: 1, connectionTimeoutMs: 500 });
    await openAccounts(db);
    const letGo = await hold(db);
    const aborting = new AbortController();
    const aborted = transact(db, async () => undefined, { signal: aborting.signal });
    const tooLate = transact(db, async () => undefined);
    aborting.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(tooLate).rejects.toMatchObject({ trouble: 'no_connection' });
    await letGo();
    expect(printed).not.toHaveBeenCalled();
  });
});

onDatabase('sqlite', (engine) => {
  it('ends the wait for another process', async () => {
    const { db, url } = await engine.open<AccountTables>();
    await openAccounts(db);
    const holder = fork(new URL('database-lock-holder.ts', import.meta.url), [url]);
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder, 'message');
    const aborting = new AbortController();
    const waiting = transact(db, (trx) => setBalance(trx, 6), { signal: aborting.signal });
    setImmediate(() => aborting.abort(reason));
    await expect(waiting).rejects.toBe(reason);
    holder.send('let go');
    await transact(db, (trx) => setBalance(trx, 7));
    expect(await balanceOf(db)).toBe(7);
  });
});
