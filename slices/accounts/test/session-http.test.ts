import { eachDatabase, parsePrometheus } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bearer, readTokens, samplePassword, startAccounts } from './accounts-app.ts';

const ALICE = 'demo-alice@example.com';

const items = z.object({ items: z.array(z.object({ id: z.string(), current: z.boolean() })) });

eachDatabase((engine) => {
  const start = () => startAccounts(engine, { isSeeded: true });

  describe('logging in', () => {
    it('answers with tokens that name the account, until they expire', async () => {
      const { logIn, me, advance } = await start();
      const session = await logIn(ALICE);
      expect(session).toMatchObject({ expires_in: 600, refresh_expires_in: 2_592_000 });
      expect((await me(session.access_token)).body).toMatchObject({
        id: 1,
        email: ALICE,
        roles: ['customer'],
      });
      await advance(600_000 + 4_000);
      expect((await me(session.access_token)).status).toBe(200);
      await advance(1_000);
      expect((await me(session.access_token)).body).toMatchObject({ status: 401, code: 'invalid_token' });
    });

    it('refuses with 503 and Retry-After what the queue of hashes has no room for, and counts it', async () => {
      const hashing = { HASH_CONCURRENCY: '1', HASH_QUEUE: '1', HASH_MEMORY_KIB: '19456' };
      const env = { ...hashing, LOGIN_ADDRESS_CAPACITY: '30' };
      const { request } = await startAccounts(engine, { isSeeded: true, env });
      const json = { email: ALICE, password: samplePassword };
      const sent = Array.from({ length: 30 }, () => request('POST', '/sessions', { json }));
      const refused = (await Promise.all(sent)).filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      for (const { status, body, headers } of refused) {
        expect([status, headers.get('retry-after')]).toEqual([503, '2']);
        expect(body).toMatchObject({ code: 'service_unavailable' });
      }
      const metrics = parsePrometheus((await request('GET', '/metrics')).text);
      expect(metrics.value('logins_total', { outcome: 'unavailable' })).toBe(refused.length);
      expect(metrics.value('logins_total', { outcome: 'succeeded' })).toBe(30 - refused.length);
    });

    it('takes the address in any case', async () => {
      const { logIn } = await start();
      expect(await logIn('Demo-ALICE@Example.COM')).toMatchObject({ expires_in: 600 });
    });
  });

  describe('refreshing', () => {
    it('answers with a new pair, and the session expires when it would have', async () => {
      const { logIn, refresh, advance } = await start();
      const first = await logIn(ALICE);
      await advance(60_000);
      const second = readTokens((await refresh(first.refresh_token)).body);
      expect(second).toMatchObject({ session_id: first.session_id, refresh_expires_in: 2_592_000 - 60 });
      expect(second.refresh_token).not.toBe(first.refresh_token);
      await advance(2_592_000_000 - 60_000);
      expect((await refresh(second.refresh_token)).body).toMatchObject({ code: 'invalid_refresh_token' });
    });

    it('repeats the successor within the grace, and ends the session after it', async () => {
      const { logIn, refresh, advance, me } = await start();
      const first = await logIn(ALICE);
      const second = readTokens((await refresh(first.refresh_token)).body);
      await advance(10_000);
      const again = readTokens((await refresh(first.refresh_token)).body);
      expect(again.refresh_token).toBe(second.refresh_token);
      await advance(1);
      expect((await refresh(first.refresh_token)).body).toMatchObject({
        status: 401,
        code: 'refresh_token_reused',
      });
      for (const token of [first, second, again]) {
        expect((await refresh(token.refresh_token)).body).toMatchObject({ code: 'invalid_refresh_token' });
        expect((await me(token.access_token)).body).toMatchObject({ code: 'invalid_token' });
      }
    });

    it('ends the session for an older token even within the grace', async () => {
      const { logIn, refresh } = await start();
      const first = await logIn(ALICE);
      const second = readTokens((await refresh(first.refresh_token)).body);
      const third = readTokens((await refresh(second.refresh_token)).body);
      expect((await refresh(first.refresh_token)).body).toMatchObject({ code: 'refresh_token_reused' });
      expect((await refresh(third.refresh_token)).body).toMatchObject({ code: 'invalid_refresh_token' });
    });

    it('refuses what is no token, and tokens with one character changed', async () => {
      const { logIn, refresh } = await start();
      const { refresh_token: token } = await logIn(ALICE);
      const forged = [...token].map((character, index) =>
        token.slice(0, index).concat(character === 'A' ? 'B' : 'A', token.slice(index + 1)),
      );
      for (const text of ['x', `${token}=`, `${token}A`, token.slice(1), ...forged])
        expect((await refresh(text)).body).toMatchObject({ code: 'invalid_refresh_token' });
      expect((await refresh(token)).status).toBe(200);
    });
  });

  describe('logging out', () => {
    it('lists own live sessions and ends the current one at once', async () => {
      const { logIn, request, me, refresh } = await start();
      const [one, other] = [await logIn(ALICE), await logIn(ALICE)];
      const bob = await logIn('demo-bob@example.com');
      const listed = await request('GET', '/sessions', { headers: bearer(one.access_token) });
      expect(items.parse(listed.body).items).toEqual([
        { id: other.session_id, current: false },
        { id: one.session_id, current: true },
      ]);
      const ended = await request('DELETE', '/sessions/current', { headers: bearer(one.access_token) });
      expect(ended.status).toBe(204);
      expect((await me(one.access_token)).status).toBe(401);
      expect((await refresh(one.refresh_token)).status).toBe(401);
      expect((await me(other.access_token)).status).toBe(200);
      const notOwn = await request('DELETE', `/sessions/${bob.session_id}`, {
        headers: bearer(other.access_token),
      });
      expect(notOwn.body).toMatchObject({ status: 404, code: 'session_not_found' });
      expect((await me(bob.access_token)).status).toBe(200);
    });

    it('ends one of the own sessions, repeatedly, and all of them', async () => {
      const { logIn, request, me } = await start();
      const sessions = [await logIn(ALICE), await logIn(ALICE), await logIn(ALICE)] as const;
      const [one, other, third] = sessions;
      const end = (path: string) => request('DELETE', path, { headers: bearer(one.access_token) });
      expect((await end(`/sessions/${other.session_id}`)).status).toBe(204);
      expect((await end(`/sessions/${other.session_id}`)).status).toBe(204);
      expect((await me(other.access_token)).status).toBe(401);
      expect((await me(third.access_token)).status).toBe(200);
      expect((await end('/sessions')).status).toBe(204);
      for (const { access_token } of sessions) expect((await me(access_token)).status).toBe(401);
    });

    it('works for callers of the settings, who have no session', async () => {
      const { request } = await start();
      const ended = await request('DELETE', '/sessions/current', { headers: bearer('demo-alice') });
      expect(ended.status).toBe(204);
    });
  });
});
