import { eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { forUpdate, isLockTimeout, openDatabase, transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

eachDatabase((engine) => {
  it('commits what the work did and resolves with its result', async () => {
    const { db } = await engine.open<AccountTables>();
    await openAccounts(db);
    const result = await transact(db, async (trx) => {
      await setBalance(trx, 5);
      return 'done';
    });
    expect([result, await balanceOf(db)]).toEqual(['done', 5]);
  });

  it('rolls back when the work rejects, and rejects with the same error', async () => {
    const { db } = await engine.open<AccountTables>();
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
    const { db } = await engine.open<AccountTables>();
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
    const { db } = await engine.open<AccountTables>();
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
    const { db } = await engine.open<AccountTables>();
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
    const { db } = await engine.open<AccountTables>({ lockTimeoutMs: 100 });
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
    const { db, url } = await engine.open<AccountTables>();
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
    const again = openDatabase<AccountTables>(url);
    onTestFinished(() => again.destroy());
    expect(await balanceOf(again)).toBe(5);
  });
});
