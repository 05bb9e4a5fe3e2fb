import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bearer, samplePassword, startAccounts } from './accounts-app.ts';

const ALICE = 'demo-alice@example.com';
const ADA = 'ada@example.com';
const NEXT = 'the analytical engine weaves';

const sessionsOf = z.object({ items: z.array(z.unknown()) });

eachDatabase((engine) => {
  const start = () => startAccounts(engine, { isSeeded: true });

  describe('registering', () => {
    it('makes an account with the next id once its address is verified, and not before', async () => {
      const { request, latestToken, logIn, me } = await start();
      const json = { email: 'Ada@Example.com', password: NEXT, name: 'Ada' };
      expect((await request('POST', '/accounts', { json })).body).toEqual({ status: 'verification_sent' });
      const early = await request('POST', '/sessions', { json: { email: ADA, password: NEXT } });
      expect(early.body).toMatchObject({ status: 403, code: 'email_not_verified' });
      const token = await latestToken(ADA);
      const verified = await request('POST', '/accounts/verify', { json: { token } });
      expect(verified).toMatchObject({ status: 200, body: { id: 5, email: 'Ada@Example.com' } });
      expect((await request('POST', '/accounts/verify', { json: { token } })).body).toMatchObject({
        code: 'invalid_verification_token',
      });
      const { access_token } = await logIn(ADA, NEXT);
      expect((await me(access_token)).body).toMatchObject({ id: 5, name: 'Ada', roles: ['customer'] });
    });

    it('keeps the password of the registration whose token was used', async () => {
      const { request, latestToken, logIn } = await start();
      const register = (password: string) => request('POST', '/accounts', { json: { email: ADA, password } });
      await register(NEXT);
      const ownToken = await latestToken(ADA);
      await register('the password of a stranger');
      await request('POST', '/accounts/verify', { json: { token: ownToken } });
      expect(await logIn(ADA, NEXT)).toMatchObject({ expires_in: 600 });
      const strangers = await latestToken(ADA);
      expect((await request('POST', '/accounts/verify', { json: { token: strangers } })).status).toBe(400);
    });

    it('refuses tokens older than a day', async () => {
      const { request, latestToken, advance } = await start();
      await request('POST', '/accounts', { json: { email: ADA, password: NEXT } });
      const token = await latestToken(ADA);
      await advance(86_400_000);
      expect((await request('POST', '/accounts/verify', { json: { token } })).status).toBe(400);
    });

    it.each([
      ['password1234', 'common'],
      ['PassWord1234', 'common'],
      ['my ada@example.com', 'contains_address'],
      ['ADA@EXAMPLE.COM', 'contains_address'],
    ])('refuses the password %s: %s', async (password, reason) => {
      const { request } = await start();
      const { body } = await request('POST', '/accounts', { json: { email: ADA, password } });
      expect(body).toMatchObject({ status: 422, code: 'weak_password', reason });
    });

    it('counts code points of passwords in NFC, and compares them so', async () => {
      const { request, register, logIn } = await start();
      const composed = 'é'.repeat(12);
      const tooShort = ['é'.repeat(11), 'e\u0301'.repeat(11), '🔑'.repeat(11), 'x'.repeat(129)];
      for (const password of tooShort) {
        const { status } = await request('POST', '/accounts', { json: { email: ADA, password } });
        expect(status).toBe(400);
      }
      await register(ADA, composed);
      expect(await logIn(ADA, 'e\u0301'.repeat(12))).toMatchObject({ expires_in: 600 });
      await register('key@example.com', '🔑'.repeat(12));
      expect(await logIn('key@example.com', '🔑'.repeat(12))).toMatchObject({ expires_in: 600 });
    });

    it('verifies one of many registrations at once, and makes one account', async () => {
      const { request, latestToken, db } = await start();
      const json = { email: ADA, password: NEXT };
      await request('POST', '/accounts', { json });
      const token = await latestToken(ADA);
      const verify = () => request('POST', '/accounts/verify', { json: { token } });
      const statuses = (await Promise.all(Array.from({ length: 10 }, verify))).map(({ status }) => status);
      expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
      const accounts = db.selectFrom('accounts').select('id').where('email_key', '=', ADA);
      expect(await accounts.execute()).toHaveLength(1);
    });
  });

  describe("one's own account", () => {
    it('is shown and renamed, and there is none for other callers', async () => {
      const { request } = await start();
      const change = (json: unknown, headers = bearer('demo-alice')) =>
        request('PATCH', '/accounts/me', { headers, json });
      expect((await change({ name: 'Alicia' })).body).toMatchObject({ id: 1, name: 'Alicia' });
      expect((await change({})).body).toMatchObject({ name: 'Alicia' });
      expect((await change({ name: null })).body).toMatchObject({ name: null });
      const nobody = await request('GET', '/accounts/me', { headers: { 'X-User-Id': '42' } });
      expect(nobody.body).toMatchObject({ status: 404, code: 'account_not_found' });
    });

    it('changes its password, which ends every other session', async () => {
      const { request, logIn, me, refresh, mailsTo } = await start();
      const [own, other] = [await logIn(ALICE), await logIn(ALICE)];
      const change = (current_password: string, new_password: string) =>
        request('PUT', '/accounts/me/password', {
          headers: bearer(own.access_token),
          json: { current_password, new_password },
        });
      expect((await change('not the password', NEXT)).body).toMatchObject({ code: 'invalid_credentials' });
      expect((await change(samplePassword, 'password1234')).body).toMatchObject({ code: 'weak_password' });
      expect((await change(samplePassword, NEXT)).status).toBe(204);
      expect((await me(own.access_token)).status).toBe(200);
      expect((await me(other.access_token)).status).toBe(401);
      expect((await refresh(other.refresh_token)).status).toBe(401);
      expect((await refresh(own.refresh_token)).status).toBe(200);
      expect(await mailsTo(ALICE)).toEqual(['Your password was changed']);
      await expect(logIn(ALICE)).rejects.toThrow();
      expect(await logIn(ALICE, NEXT)).toMatchObject({ expires_in: 600 });
    });

    it('is deleted with its sessions and addresses, and its id is not given again', async () => {
      const { request, logIn, me, refresh, register, db } = await start();
      const own = await logIn(ALICE);
      const json = { name: 'A', line1: '1 Street', postal_code: '1', city: 'B', country: 'GB' };
      await request('POST', '/accounts/me/addresses', { headers: bearer(own.access_token), json });
      const remove = (password: string) =>
        request('DELETE', '/accounts/me', { headers: bearer(own.access_token), json: { password } });
      expect((await remove('not the password')).status).toBe(401);
      expect((await remove(samplePassword)).status).toBe(204);
      expect((await me(own.access_token)).status).toBe(401);
      expect((await refresh(own.refresh_token)).status).toBe(401);
      for (const table of ['account_sessions', 'account_addresses'] as const)
        expect(await db.selectFrom(table).select('id').execute()).toEqual([]);
      expect(await register(ALICE)).toBeGreaterThan(4);
    });
  });

  describe('resetting a password', () => {
    it('sets it with the token of the mail, once, ends all sessions and tells the owner', async () => {
      const { request, latestToken, mailsTo, logIn, me } = await start();
      const own = await logIn(ALICE);
      await request('POST', '/password-resets', { json: { email: ALICE } });
      const token = await latestToken(ALICE);
      const confirm = (password: string) =>
        request('POST', '/password-resets/confirm', { json: { token, password } });
      expect((await confirm('password1234')).status).toBe(422);
      expect((await confirm(NEXT)).status).toBe(204);
      expect((await confirm(NEXT)).body).toMatchObject({ status: 400, code: 'invalid_reset_token' });
      expect(await mailsTo(ALICE)).toEqual(['Your password was changed', 'Reset your password']);
      expect((await me(own.access_token)).status).toBe(401);
      expect(await logIn(ALICE, NEXT)).toMatchObject({ expires_in: 600 });
    });

    it('refuses tokens older than an hour, and all of them after one was used', async () => {
      const { request, latestToken, advance } = await start();
      const ask = async () => {
        await request('POST', '/password-resets', { json: { email: ALICE } });
        return latestToken(ALICE);
      };
      const confirm = (token: string) =>
        request('POST', '/password-resets/confirm', { json: { token, password: NEXT } });
      const old = await ask();
      await advance(3_600_000);
      expect((await confirm(old)).status).toBe(400);
      const [first, second] = [await ask(), await ask()];
      expect((await confirm(second)).status).toBe(204);
      expect((await confirm(first)).status).toBe(400);
    });
  });

  describe('addresses', () => {
    const json = { name: 'Alice', line1: '12 St', postal_code: 'SW1', city: 'London', country: 'GB' };

    it('are added, listed, changed and removed by their owner only', async () => {
      const { request } = await start();
      const as = (token: string) => (method: string, path: string, body?: unknown) =>
        request(method, `/accounts/me/addresses${path}`, { headers: bearer(token), json: body });
      const [alice, bob] = [as('demo-alice'), as('demo-bob')];
      const added = await alice('POST', '', { ...json, line2: 'Flat 1' });
      expect(added).toMatchObject({ status: 201, body: { ...json, line2: 'Flat 1' } });
      const { id } = z.object({ id: z.string() }).parse(added.body);
      expect((await alice('PATCH', `/${id}`, { city: 'Oxford', line2: null })).body).toEqual({
        ...json,
        id,
        city: 'Oxford',
      });
      expect((await alice('PATCH', `/${id}`, {})).status).toBe(200);
      for (const answer of [await bob('PATCH', `/${id}`, { city: 'X' }), await bob('DELETE', `/${id}`)])
        expect(answer.body).toMatchObject({ status: 404, code: 'address_not_found' });
      expect(sessionsOf.parse((await bob('GET', '')).body).items).toEqual([]);
      expect((await alice('DELETE', `/${id}`)).status).toBe(204);
      expect((await alice('DELETE', `/${id}`)).status).toBe(404);
    });

    it('are at most twenty, even if thirty are added at once', async () => {
      const { request } = await start();
      const add = () => request('POST', '/accounts/me/addresses', { headers: bearer('demo-alice'), json });
      const statuses = (await Promise.all(Array.from({ length: 30 }, add))).map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(20);
      expect(statuses.filter((status) => status === 409)).toHaveLength(10);
    });
  });
});
