import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Kysely, sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { forUpdate, isLockTimeout, openDatabase, transact } from '../src/database/index.ts';
import { eachDatabase, onDatabase } from '../src/testing/databases.ts';

interface Tables {
  accounts: { id: number; balance: number };
}

const openAccounts = async (db: Kysely<Tables>) => {
  await sql`create table accounts (id integer primary key, balance integer not null)`.execute(db);
  await db
    .insertInto('accounts')
    .values([1, 2].map((id) => ({ id, balance: 0 })))
    .execute();
};

const balanceOf = async (db: Kysely<Tables>, id = 1) => {
  const row = await db
    .selectFrom('accounts')
    .select('balance')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.balance;
};

const setBalance = (db: Kysely<Tables>, balance: number, id = 1) =>
  db.updateTable('accounts').set({ balance }).where('id', '=', id).execute();

eachDatabase((engine) => {
  it('commits what the work did and resolves with its result', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const result = await transact(db, async (trx) => {
      await setBalance(trx, 5);
      return 'done';
    });
    expect([result, await balanceOf(db)]).toEqual(['done', 5]);
  });

  it('rolls back when the work rejects, and rejects with the same error', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const error = new Error('not today');
    const work = transact(db, async (trx) => {
      await setBalance(trx, 5);
      throw error;
    });
    await expect(work).rejects.toBe(error);
    expect(await balanceOf(db)).toBe(0);
  });

  it('joins a transaction that it is given: the opener decides on both', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const outer = transact(db, async (trx) => {
      await transact(trx, (inner) => setBalance(inner, 5));
      expect(await balanceOf(trx)).toBe(5);
      throw new Error('the opener says no');
    });
    await expect(outer).rejects.toThrow('the opener says no');
    expect(await balanceOf(db)).toBe(0);
  });

  it('hides what is not committed from reads beside it, and shows it right after', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const written = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const work = transact(db, async (trx) => {
      await setBalance(trx, 5);
      written.resolve();
      await mayCommit.promise;
    });
    await written.promise;
    expect(await balanceOf(db)).toBe(0);
    mayCommit.resolve();
    await work;
    expect(await balanceOf(db)).toBe(5);
  });

  it('loses no update of many transactions that read, then write, one row', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const increment = () =>
      transact(db, async (trx) => {
        const query = trx.selectFrom('accounts').select('balance').where('id', '=', 1);
        const { balance } = await query.$call(forUpdate(trx)).executeTakeFirstOrThrow();
        await setBalance(trx, balance + 1);
      });
    await Promise.all(Array.from({ length: 100 }, increment));
    expect(await balanceOf(db)).toBe(100);
  });

  it('gives up on a lock after lockTimeoutMs, and the database goes on', async () => {
    const { db } = await engine.open<Tables>({ lockTimeoutMs: 100 });
    await openAccounts(db);
    const held = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const holder = transact(db, async (trx) => {
      await setBalance(trx, 5);
      held.resolve();
      await mayCommit.promise;
    });
    await held.promise;
    expect(await transact(db, (trx) => setBalance(trx, 6)).catch(isLockTimeout)).toBe(true);
    mayCommit.resolve();
    await holder;
    await transact(db, (trx) => setBalance(trx, 7));
    expect(await balanceOf(db)).toBe(7);
  });

  it('lets a transaction under way end before destroy closes', async () => {
    const { db, url } = await engine.open<Tables>();
    await openAccounts(db);
    const begun = Promise.withResolvers<void>();
    const work = transact(db, async (trx) => {
      begun.resolve();
      await setBalance(trx, 5);
      await sql`select 1`.execute(trx);
    });
    await begun.promise;
    const closed = db.destroy();
    await work;
    await closed;
    const again = openDatabase<Tables>(url);
    onTestFinished(() => again.destroy());
    expect(await balanceOf(again)).toBe(5);
  });
});

onDatabase('sqlite', (engine) => {
  it('waits without blocking the thread while another process writes', async () => {
    const { db, url } = await engine.open<Tables>();
    await openAccounts(db);
    const holder = fork(new URL('database-lock-holder.ts', import.meta.url), [url]);
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder, 'message');
    let isDone = false;
    const write = transact(db, (trx) => setBalance(trx, 6)).then(() => {
      isDone = true;
    });
    // Timers and reads go on beside the wait: the other process is told to let go by one of them.
    expect(await balanceOf(db)).toBe(0);
    expect(isDone).toBe(false);
    holder.send('let go');
    await write;
    expect(await balanceOf(db)).toBe(6);
  });

  it('frees the lock of a process that was killed', async () => {
    const { db, url } = await engine.open<Tables>();
    await openAccounts(db);
    const holder = fork(new URL('database-lock-holder.ts', import.meta.url), [url]);
    await once(holder, 'message');
    const write = transact(db, (trx) => setBalance(trx, 6));
    holder.kill('SIGKILL');
    await write;
    expect(await balanceOf(db)).toBe(6);
  });
});

onDatabase('postgres', (engine) => {
  const withoutPauses = (pauses: number[]) => ({
    random: () => 0.5,
    sleep: async (durationMs: number) => void pauses.push(durationMs),
  });

  it('runs the work again after a deadlock, after a random share of a growing pause', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const pauses: number[] = [];
    const bothHoldOne = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let runs = 0;
    const swap = (first: number, second: number, mine: 0 | 1) =>
      transact(
        db,
        async (trx) => {
          runs += 1;
          await setBalance(trx, first, first);
          bothHoldOne[mine].resolve();
          await Promise.all(bothHoldOne.map(({ promise }) => promise));
          await setBalance(trx, second, second);
        },
        withoutPauses(pauses),
      );
    await Promise.all([swap(1, 2, 0), swap(2, 1, 1)]);
    expect([await balanceOf(db, 1), await balanceOf(db, 2)]).toEqual([1, 2]);
    expect(runs).toBe(3);
    expect(pauses).toEqual([10]);
  });

  it('runs serializable work again until it fits, and no more often than it may', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const pauses: number[] = [];
    const disturbed = (times: number) => {
      let run = 0;
      return transact(
        db,
        async (trx) => {
          const balance = await balanceOf(trx);
          run += 1;
          if (run <= times) await setBalance(db, 100 * run);
          await setBalance(trx, balance + 1);
          return run;
        },
        { isolation: 'serializable', attempts: 3, ...withoutPauses(pauses) },
      );
    };
    expect(await disturbed(2)).toBe(3);
    expect(await balanceOf(db)).toBe(201);
    expect(pauses).toEqual([10, 20]);
    await expect(disturbed(3)).rejects.toMatchObject({ code: '40001' });
  });

  it('rejects where the work went on after a failed statement, for nothing was committed', async () => {
    const { db } = await engine.open<Tables>();
    await openAccounts(db);
    const work = transact(db, async (trx) => {
      await setBalance(trx, 5);
      await sql`select nothing`.execute(trx).catch(() => undefined);
    });
    await expect(work).rejects.toThrow(/rolled back/);
    expect(await balanceOf(db)).toBe(0);
  });

  it('outlives connections that the server ends, in use and idle', async () => {
    const errors: string[] = [];
    const { db } = await engine.open<Tables>({ onConnectionError: ({ message }) => errors.push(message) });
    await openAccounts(db);
    const endOthers = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`.execute(db);
    const inUse = transact(db, async (trx) => {
      await setBalance(trx, 5);
      await endOthers();
      await setBalance(trx, 6);
    });
    await expect(inUse).rejects.toThrow();
    await Promise.all([balanceOf(db), balanceOf(db)]);
    await endOthers();
    expect(await balanceOf(db)).toBe(0);
    expect(errors).toContainEqual(expect.stringMatching(/terminat/));
  });

  it('ends a transaction that goes silent, and a statement that takes too long', async () => {
    const { db } = await engine.open<Tables>({ idleInTransactionTimeoutMs: 50, statementTimeoutMs: 50 });
    await openAccounts(db);
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({ code: '57014' });
    const silent = transact(db, async (trx) => {
      await setBalance(trx, 5);
      await sql`select pg_sleep(0.2)`.execute(db).catch(() => undefined);
      await sql`select pg_sleep(0.2)`.execute(db).catch(() => undefined);
      await setBalance(trx, 6);
    });
    await expect(silent).rejects.toThrow();
    expect(await balanceOf(db)).toBe(0);
  });
});
