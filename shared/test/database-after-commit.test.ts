import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { afterCommit, transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

eachDatabase((engine) => {
  it('calls back once, after the commit and before the transaction resolves', async () => {
    const { db } = await engine.open<AccountTables>();
    await openAccounts(db);
    const seen: number[] = [];
    await transact(db, async (trx) => {
      await transact(trx, (joined) => afterCommit(joined, async () => seen.push(await balanceOf(db))));
      await setBalance(trx, 5);
      expect(seen).toEqual([]);
    });
    await transact(db, (trx) => setBalance(trx, 6));
    expect(seen).toEqual([5]);
  });

  it('forgets what a transaction has registered that was rolled back', async () => {
    const { db } = await engine.open<AccountTables>({ poolSize: 1 });
    await openAccounts(db);
    let calls = 0;
    const failing = transact(db, async (trx) => {
      await afterCommit(trx, () => (calls += 1));
      throw new Error('not today');
    });
    await expect(failing).rejects.toThrow('not today');
    await transact(db, (trx) => setBalance(trx, 5));
    expect(calls).toBe(0);
  });
});
