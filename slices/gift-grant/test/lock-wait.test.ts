import { transact } from '@lab/shared/database';
import { onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { limitLockWait } from '../src/lock-wait.ts';

onDatabase('postgres', (engine) => {
  it('shortens the lock wait of one transaction, and never lengthens it', async () => {
    const { db } = await engine.open({ lockTimeoutMs: 200 });
    const limited = (waitMs: number, before?: string) =>
      transact(db, async (trx) => {
        if (before !== undefined) await sql`select set_config('lock_timeout', ${before}, true)`.execute(trx);
        await limitLockWait(trx, waitMs);
        return (await sql<{ lock_timeout: string }>`show lock_timeout`.execute(trx)).rows[0]?.lock_timeout;
      });
    expect([await limited(1.5), await limited(199), await limited(5000)]).toEqual(['2ms', '199ms', '200ms']);
    expect([await limited(300, '0'), await limited(300, '1min')]).toEqual(['300ms', '300ms']);
  });
});
