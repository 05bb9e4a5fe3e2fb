import { onDatabase, openTcpRelay } from '@lab/testing';
import { expect, it } from 'vitest';
import { openDatabase, transact } from '../src/database/index.ts';
import { type AccountTables, balanceOf, openAccounts, setBalance } from './database-accounts.ts';

onDatabase('postgres', (engine) => {
  it('waits once for a server that is silent: there is no rollback to wait for as well', async () => {
    const { db, url } = await engine.open<AccountTables>();
    await openAccounts(db);
    const relay = await openTcpRelay(url);
    const said: string[] = [];
    const onSlowQuery = ({ sql }: { readonly sql: string }) => void said.push(sql.split(' ', 1).join());
    const far = openDatabase<AccountTables>(relay.url, {
      statementTimeoutMs: 50,
      slowQueryMs: 0,
      onSlowQuery,
    });
    const silent = transact(far, async (trx) => {
      await setBalance(trx, 5);
      relay.freeze();
      await setBalance(trx, 6);
    });
    await expect(silent).rejects.toMatchObject({ cause: { message: 'Query read timeout' } });
    expect(said).toEqual(['begin', 'update', 'update']);
    relay.restore();
    expect(await balanceOf(far)).toBe(0);
    await far.destroy();
  }, 30_000);
});
