import { eachDatabase } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { bearer, operator, samplePassword, startAccounts } from './accounts-app.ts';

eachDatabase((engine) => {
  const start = () => startAccounts(engine, { isSeeded: true });

  describe('staff', () => {
    it('list accounts and set roles with the permission; roles count at once', async () => {
      const { request, logIn } = await start();
      const [admin, bob] = [await logIn('demo-admin@example.com'), await logIn('demo-bob@example.com')];
      const list = (token: string) => request('GET', '/accounts?role=admin', { headers: bearer(token) });
      expect((await list(bob.access_token)).body).toMatchObject({ status: 403, code: 'forbidden' });
      expect((await list(admin.access_token)).body).toMatchObject({ items: [{ id: 4 }] });
      const setRoles = (
        id: number,
        roles: string[],
        headers: Record<string, string> = bearer(admin.access_token),
      ) => request('PUT', `/accounts/${id}/roles`, { headers, json: { roles } });
      expect((await setRoles(2, ['customer', 'admin'])).body).toMatchObject({ roles: ['admin', 'customer'] });
      expect((await list(bob.access_token)).status).toBe(200);
      expect((await setRoles(2, ['customer'])).status).toBe(200);
      expect((await list(bob.access_token)).status).toBe(403);
      expect((await setRoles(999, ['customer'], operator)).status).toBe(404);
    });

    it('end the sessions of others', async () => {
      const { request, logIn, me, refresh } = await start();
      const [admin, bob] = [await logIn('demo-admin@example.com'), await logIn('demo-bob@example.com')];
      const end = (id: number, token: string) =>
        request('DELETE', `/accounts/${id}/sessions`, { headers: bearer(token) });
      expect((await end(4, bob.access_token)).status).toBe(403);
      expect((await end(999, admin.access_token)).body).toMatchObject({ code: 'account_not_found' });
      expect((await end(2, admin.access_token)).status).toBe(204);
      expect((await me(bob.access_token)).body).toMatchObject({ code: 'invalid_token' });
      expect((await refresh(bob.refresh_token)).body).toMatchObject({ code: 'invalid_refresh_token' });
      expect((await me(admin.access_token)).status).toBe(200);
    });

    it('leave one admin, even if two demote each other or leave at once', async () => {
      const { request, logIn, db } = await start();
      const headers = operator;
      const setRoles = (id: number, roles: string[]) =>
        request('PUT', `/accounts/${id}/roles`, { headers, json: { roles } });
      expect((await setRoles(4, ['customer'])).body).toMatchObject({ status: 409, code: 'last_admin' });
      for (let round = 0; round < 5; round += 1) {
        for (const id of [3, 4]) await setRoles(id, ['admin']);
        const answers = await Promise.all([setRoles(3, ['customer']), setRoles(4, ['customer'])]);
        expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      }
      for (const id of [3, 4]) await setRoles(id, ['admin']);
      const sessions = [await logIn('demo-manager@example.com'), await logIn('demo-admin@example.com')];
      const leave = ({ access_token }: { access_token: string }) =>
        request('DELETE', '/accounts/me', {
          headers: bearer(access_token),
          json: { password: samplePassword },
        });
      const left = await Promise.all(sessions.map(leave));
      expect(left.map(({ status }) => status).toSorted()).toEqual([204, 409]);
      const admins = db.selectFrom('account_roles').selectAll().where('role', '=', 'admin');
      expect(await admins.execute()).toHaveLength(1);
    });
  });
});
