import { onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

onDatabase('postgres', (engine) => {
  const withoutPauses = (pauses: number[]) => ({
    random: () => 0.5,
    sleep: async (durationMs: number) => void pauses.push(durationMs),
  });

  it('runs the work again after a deadlock, after a random share of a growing pause', async () => {
    const { db } = await engine.open<AccountTables>();
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
    // Who was ended may be back before the other has what it waited for, and meet it again.
    expect(pauses).toEqual([10, 20, 40, 80].slice(0, pauses.length));
    expect(pauses.length).toBeGreaterThan(0);
    expect(runs).toBe(2 + pauses.length);
  });

  it('runs serializable work again until it fits, and no more often than it may', async () => {
    const { db } = await engine.open<AccountTables>();
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
    await expect(disturbed(3)).rejects.toMatchObject({
      trouble: 'conflict',
      cause: { code: '40001' },
    });
  });

  it('rejects where the work went on after a failed statement, for nothing was committed', async () => {
    const { db } = await engine.open<AccountTables>();
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
    const { db } = await engine.open<AccountTables>({
      onConnectionError: ({ message }) => errors.push(message),
    });
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
    const { db } = await engine.open<AccountTables>({
      idleInTransactionTimeoutMs: 50,
      statementTimeoutMs: 50,
    });
    await openAccounts(db);
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({
      trouble: 'statement_timeout',
      cause: { code: '57014' },
    });
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
