import { eachDatabase, startApp } from '@lab/testing';
import { describe, expect, it } from 'vitest';
import { openFlagsApp, operator, runFlags } from './flags-app.ts';

eachDatabase((engine) => {
  const open = async () => {
    const { app, ...rest } = await openFlagsApp(engine);
    const { request } = await startApp(app);
    const change = (key: string, json: object) =>
      request('PUT', `/flags/${key}`, { headers: operator, json });
    const read = async (key: string, user?: string) =>
      (await request('GET', `/flags/${key}${user === undefined ? '' : `?user=${user}`}`)).body;
    return { request, change, read, ...rest };
  };

  describe('GET /flags', () => {
    it('lists all flags by key, as they are for the user', async () => {
      const { request } = await open();
      expect((await request('GET', '/flags?user=7')).body).toEqual({
        items: [
          { key: 'color', value: 'red', variant: 'red', reason: 'TARGETING_MATCH' },
          { key: 'half', value: expect.any(Boolean), variant: expect.any(String), reason: 'SPLIT' },
          { key: 'steady', value: true, variant: 'on', reason: 'STATIC' },
          { key: 'welcome_by_time_of_day', value: true, variant: 'on', reason: 'STATIC' },
          { key: 'welcome_offer', value: false, variant: 'off', reason: 'TARGETING_MATCH' },
        ],
      });
    });

    it('says which flag needs a user, and gives the value of those who are not in the rollout', async () => {
      const { read } = await open();
      expect(await read('half')).toEqual({
        key: 'half',
        value: false,
        variant: null,
        reason: 'ERROR',
        error_code: 'TARGETING_KEY_MISSING',
      });
    });

    it('answers 404 for a flag that does not exist, also one that every object has', async () => {
      const { read } = await open();
      for (const key of ['nothing', 'constructor', '__proto__', 'TOO%20LOUD'])
        expect(await read(key)).toMatchObject({ status: 404, code: 'unknown_flag' });
    });
  });

  describe('PUT /flags/:key', () => {
    it('switches a flag off for everyone, and on again with the percentage that it had', async () => {
      const { change, read } = await open();
      await change('half', { rollout_percent: 100 });
      expect(await read('half', '1')).toMatchObject({ value: true });
      expect((await change('half', { enabled: false })).body).toEqual({
        key: 'half',
        enabled: false,
        variant: 'on',
        rollout_percent: 100,
        overridden: ['enabled', 'rollout_percent'],
      });
      expect(await read('half', '1')).toEqual({
        key: 'half',
        value: false,
        variant: null,
        reason: 'DISABLED',
      });
      await change('half', { enabled: true });
      expect(await read('half', '1')).toMatchObject({ value: true, reason: 'STATIC' });
    });

    it('gives a variant to everyone, targeted users included, until null takes it back', async () => {
      const { change, read } = await open();
      await change('color', { variant: 'blue' });
      expect(await read('color', '7')).toMatchObject({ value: 'blue', reason: 'STATIC' });
      await change('color', { variant: null });
      expect(await read('color', '7')).toMatchObject({ value: 'red', reason: 'TARGETING_MATCH' });
    });

    it('is answered with the same bytes when it is repeated', async () => {
      const { change } = await open();
      const first = await change('half', { rollout_percent: 12.5 });
      expect((await change('half', { rollout_percent: 12.5 })).text).toBe(first.text);
    });

    it('keeps changes of different members that come at once', async () => {
      const { change } = await open();
      await Promise.all([
        change('half', { enabled: false }),
        change('half', { rollout_percent: 20 }),
        change('half', { variant: 'off' }),
      ]);
      expect((await change('half', { enabled: false })).body).toMatchObject({
        enabled: false,
        rollout_percent: 20,
        variant: 'off',
      });
    });

    it('survives a restart, and reaches another process at its next refresh', async () => {
      const { change, db, file } = await open();
      const other = await runFlags(db, file);
      expect(await other.flags.isOn('steady')).toBe(true);
      await change('steady', { enabled: false });
      const restarted = await runFlags(db, file);
      expect(await restarted.flags.isOn('steady')).toBe(false);
      await other.flags.refresh();
      expect(await other.flags.isOn('steady')).toBe(false);
    });

    it.each([
      ['unknown_flag', 404, 'nothing', { enabled: true }],
      ['unknown_variant', 422, 'color', { variant: 'green' }],
      ['invalid_request', 400, 'half', {}],
      ['invalid_request', 400, 'half', { rollout_percent: 100.01 }],
      ['invalid_request', 400, 'half', { rollout_percent: 33.333 }],
      ['invalid_request', 400, 'half', { enabled: 'no' }],
    ])('answers %s (%i) and changes nothing', async (code, status, key, json) => {
      const { change, db } = await open();
      expect((await change(key, json)).body).toMatchObject({ status, code });
      expect(await db.selectFrom('flag_overrides').selectAll().execute()).toEqual([]);
    });

    it('is for operators: 401 without their token, 403 for a shopper', async () => {
      const { request } = await open();
      const send = (headers: Record<string, string>) =>
        request('PUT', '/flags/half', { headers, json: { enabled: false } });
      expect((await send({})).status).toBe(401);
      expect((await send({ 'X-Admin-Token': 'a-wrong-token' })).status).toBe(401);
      expect((await send({ Authorization: 'Bearer demo-alice' })).status).toBe(403);
    });
  });

  describe('GET /config', () => {
    it('shows each setting with its source, and no secret', async () => {
      const { request } = await open();
      const { body, text } = await request('GET', '/config', { headers: operator });
      expect(body).toMatchObject({
        environment: 'test',
        values: {
          APP_ENV: { value: 'test', source: 'process' },
          PORT: { value: 3009, source: 'default' },
          ADMIN_TOKEN: { value: '[redacted]', source: 'default' },
          AUTH_TOKENS: { value: '[redacted]', source: 'default' },
          REDIS_URL: { value: null, source: 'default' },
        },
      });
      expect(text).not.toMatch(/dev-admin-token|demo-alice/);
    });

    it('is for operators', async () => {
      const { request } = await open();
      expect((await request('GET', '/config')).status).toBe(401);
      const headers = { Authorization: 'Bearer demo-alice' };
      expect((await request('GET', '/config', { headers })).status).toBe(403);
    });
  });
});
