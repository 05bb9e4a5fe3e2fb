import { eachDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { createLogIn } from '../src/accounts/log-in.ts';
import { createOwnAccount } from '../src/accounts/own-account.ts';
import { createPasswordPolicy } from '../src/passwords/password-policy.ts';
import { createSessionStore } from '../src/sessions/session-store.ts';
import { openAccountsApp, samplePassword } from './accounts-app.ts';
import { sessionsOn } from './session-fixture.ts';

const ALICE = 'demo-alice@example.com';
const NEXT = 'the analytical engine weaves';

eachDatabase((engine) => {
  it('a login that is under way while the password changes begins no session', async () => {
    const { db, now, accounts } = await openAccountsApp(engine, { isSeeded: true });
    const { hasher } = accounts;
    const checked = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    const slow: typeof hasher = {
      ...hasher,
      verify: async (...given) => {
        const verdict = await hasher.verify(...given);
        checked.resolve();
        await changed.promise;
        return verdict;
      },
    };
    const deps = { db, now, sessionsOn: async () => () => sessionsOn(db, now) };
    const attempt = createLogIn({ ...deps, hasher: slow })({
      email: ALICE,
      password: samplePassword,
      userAgent: null,
    });
    await checked.promise;
    const own = createOwnAccount({ db, hasher, policy: createPasswordPolicy(), now });
    const change = { current: samplePassword, next: NEXT, keepSession: undefined };
    expect(await own.changePassword(1, change)).toMatchObject({ state: 'changed' });
    changed.resolve();
    expect(await attempt).toEqual({ state: 'invalid_credentials' });
    expect(await createSessionStore(db).listLive(1, now().getTime())).toEqual([]);
  });

  it('a login replaces a hash of other parameters', async () => {
    const { db, now, accounts } = await openAccountsApp(engine, { isSeeded: true });
    const { accounts: dearer } = await openAccountsApp(engine, { env: { HASH_PASSES: '2' } });
    const hashOf = async () => {
      const row = db.selectFrom('accounts').select('password_hash').where('id', '=', 1);
      return (await row.executeTakeFirstOrThrow()).password_hash;
    };
    const logIn = (hasher: typeof accounts.hasher) =>
      createLogIn({
        db,
        now,
        hasher,
        sessionsOn: async () => (on) => sessionsOn(db, now, { store: createSessionStore(on) }),
      })({
        email: ALICE,
        password: samplePassword,
        userAgent: null,
      });
    expect(await hashOf()).toContain('m=8,t=1,p=1');
    expect(await logIn(dearer.hasher)).toMatchObject({ state: 'succeeded' });
    const renewed = await hashOf();
    expect(renewed).toContain('m=8,t=2,p=1');
    expect(await logIn(dearer.hasher)).toMatchObject({ state: 'succeeded' });
    expect(await hashOf()).toBe(renewed);
  });
});
