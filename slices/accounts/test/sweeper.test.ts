import { createFakeClock, eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { sweepExpired } from '../src/sweeper.ts';
import { NOON } from './accounts-app.ts';
import { OWNER, openOwner, options, sessionsOn } from './session-fixture.ts';

eachDatabase((engine) => {
  it('deletes what has expired, in batches, and nothing else', async () => {
    const { db } = await openOwner(engine);
    const { now, advance } = createFakeClock(NOON);
    const old = sessionsOn(db, now);
    for (let index = 0; index < 20; index += 1) await old.begin(OWNER, null);
    const nowMs = now().getTime();
    const resets = Array.from({ length: 1200 }, (_, index) => ({
      token_hash: `hash-${index}`,
      account_id: OWNER,
      expires_at: nowMs + index,
    }));
    for (let start = 0; start < resets.length; start += 300)
      await db
        .insertInto('account_resets')
        .values(resets.slice(start, start + 300))
        .execute();
    await advance(options.ttlMs);
    const { session } = await old.begin(OWNER, null);
    expect(await sweepExpired(db, now())).toBe(1220);
    expect(await db.selectFrom('account_sessions').select('id').execute()).toEqual([{ id: session.id }]);
    expect(await sweepExpired(db, now())).toBe(0);
  });
});
