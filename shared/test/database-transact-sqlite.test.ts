import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase, transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

onDatabase('sqlite', (engine) => {
  it('says what may be wrong where the work writes beside its own transaction', async () => {
    const { db } = await engine.open<AccountTables>({ lockTimeoutMs: 20 });
    await openAccounts(db);
    const work = transact(db, () => setBalance(db, 5));
    await expect(work).rejects.toMatchObject({
      trouble: 'lock_timeout',
      cause: { message: expect.stringMatching(/within 20 ms.*the database instead of the transaction/) },
    });
    expect(await balanceOf(db)).toBe(0);
  });

  it('makes reads of a memory database wait for the transaction under way', async () => {
    const db = openDatabase<AccountTables>('sqlite::memory:');
    onTestFinished(() => db.destroy());
    await openAccounts(db);
    let beside: Promise<number> | undefined;
    await transact(db, async (trx) => {
      await setBalance(trx, 5);
      beside = balanceOf(db);
      await setBalance(trx, 6);
    });
    expect(await beside).toBe(6);
  });

  it('lets nothing through after SQLite has rolled back by itself', async () => {
    const { db } = await engine.open<AccountTables>();
    await openAccounts(db);
    const work = transact(db, async (trx) => {
      await setBalance(trx, 5);
      await sql`insert or rollback into accounts values (1, 0)`.execute(trx).catch(() => undefined);
      await setBalance(trx, 6);
    });
    await expect(work).rejects.toThrow('SQLite has rolled this transaction back');
    expect(await balanceOf(db)).toBe(0);
  });

  it('waits without blocking the thread while another process writes', async () => {
    const { db, url } = await engine.open<AccountTables>();
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
    const { db, url } = await engine.open<AccountTables>();
    await openAccounts(db);
    const holder = fork(new URL('database-lock-holder.ts', import.meta.url), [url]);
    await once(holder, 'message');
    const write = transact(db, (trx) => setBalance(trx, 6));
    holder.kill('SIGKILL');
    await write;
    expect(await balanceOf(db)).toBe(6);
  });
});
