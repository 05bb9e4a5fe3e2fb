import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { sql, type Transaction } from 'kysely';
import { expect, it } from 'vitest';
import { transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

/** A database whose hook notes each transaction in a table, and how it ended. */
const openNoted = async (engine: DatabaseEngine, refuse = false) => {
  const ends: boolean[] = [];
  const beforeCommit = async (trx: Transaction<unknown>) => {
    if (refuse) throw new Error('no note, no commit');
    await sql`insert into notes values ('changed')`.execute(trx);
    return (isCommitted: boolean) => void ends.push(isCommitted);
  };
  const { db } = await engine.open<AccountTables>({ beforeCommit });
  await sql`create table notes (text text)`.execute(db);
  // Fills the table outside of a transaction: the hook has nothing to do with that.
  await openAccounts(db);
  const notes = async () => (await sql`select * from notes`.execute(db)).rows.length;
  return { db, ends, notes };
};

eachDatabase((engine) => {
  it('runs the hook inside each transaction that has changed rows, and tells it the end', async () => {
    const { db, ends, notes } = await openNoted(engine);
    await transact(db, (trx) => setBalance(trx, 5));
    await transact(db, async (trx) => {
      await sql`update accounts set balance = 6 returning balance`.execute(trx);
      await transact(trx, (joined) => setBalance(joined, 7));
    });
    expect([await notes(), ends]).toEqual([2, [true, true]]);
  });

  it('runs no hook if the transaction has changed nothing, or is rolled back', async () => {
    const { db, ends, notes } = await openNoted(engine);
    await transact(db, (trx) => balanceOf(trx));
    await transact(db, async (trx) => {
      await sql`update accounts set balance = 6 where balance < 0`.execute(trx);
      await sql`update accounts set balance = 6 where balance < 0 returning balance`.execute(trx);
    });
    const failing = transact(db, async (trx) => {
      await setBalance(trx, 5);
      throw new Error('not today');
    });
    await expect(failing).rejects.toThrow('not today');
    await transact(db, (trx) => balanceOf(trx));
    expect([await notes(), ends]).toEqual([0, []]);
  });

  it('rolls everything back if the hook rejects', async () => {
    const { db } = await openNoted(engine, true);
    await expect(transact(db, (trx) => setBalance(trx, 5))).rejects.toThrow('no note, no commit');
    expect(await balanceOf(db)).toBe(0);
  });

  it('tells the hook that a transaction was not committed, if the signal aborts after it', async () => {
    const aborting = new AbortController();
    const ends: boolean[] = [];
    const beforeCommit = async () => {
      aborting.abort(new Error('gone'));
      return (isCommitted: boolean) => void ends.push(isCommitted);
    };
    const { db } = await engine.open<AccountTables>({ beforeCommit });
    await openAccounts(db);
    const work = transact(db, (trx) => setBalance(trx, 5), { signal: aborting.signal });
    await expect(work).rejects.toThrow('gone');
    expect([await balanceOf(db), ends]).toEqual([0, [false]]);
  });
});
