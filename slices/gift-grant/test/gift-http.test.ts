import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { createCallers } from '@lab/shared/http';
import { type DatabaseEngine, eachDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { NOON, openGiftApp, TTL_MS } from './gift-app.ts';

const GIFT = { user_id: '1', sku: 'MOCHI-6', message: 'Enjoy!' };

const openServer = async (engine: DatabaseEngine) => {
  const opened = await openGiftApp(engine);
  const { request } = await startApp(opened.app);
  const grant = (key: string | undefined, json: unknown = GIFT) =>
    request('POST', '/gift', { json, headers: key === undefined ? {} : { 'Idempotency-Key': key } });
  return { ...opened, request, grant };
};

const codeOf = ({ body }: { readonly body: unknown }) =>
  typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;

eachDatabase((engine) => {
  it('grants a gift, and shows it at the location that it answers', async () => {
    const { grant, request } = await openServer(engine);
    const granted = await grant('first');
    expect(granted).toMatchObject({
      status: 201,
      body: { id: expect.any(String), ...GIFT, status: 'granted', created_at: NOON },
    });
    expect(granted.headers.has('idempotent-replayed')).toBe(false);
    const location = granted.headers.get('location') ?? '';
    expect(location).toMatch(/^\/gifts\/[0-9a-f-]{36}$/);
    expect((await request('GET', location)).text).toBe(granted.text);
  });

  it('shows null for a missing message', async () => {
    const { grant } = await openServer(engine);
    expect((await grant('first', { user_id: '1', sku: 'X' })).body).toMatchObject({ message: null });
  });

  it('replays status, headers and bytes for a repeated key, and grants nothing', async () => {
    const { grant, advance, count } = await openServer(engine);
    const first = await grant('again');
    await advance(TTL_MS - 1);
    const repeat = await grant('again');
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    const varying = ['date', 'x-request-id', 'traceparent', 'idempotent-replayed'];
    const lasting = ({ headers }: typeof repeat) => [...headers].filter(([name]) => !varying.includes(name));
    expect(lasting(repeat)).toEqual(lasting(first));
    expect([repeat.status, repeat.text]).toEqual([first.status, first.text]);
    expect(await count()).toEqual({ gifts: 1, keys: 1 });
  });

  it('grants another gift after the key has expired', async () => {
    const { grant, advance, count } = await openServer(engine);
    const first = await grant('old');
    await advance(TTL_MS);
    const second = await grant('old', { ...GIFT, sku: 'OTHER' });
    expect(second).toMatchObject({ status: 201, body: { sku: 'OTHER' } });
    expect(second.text).not.toBe(first.text);
    expect((await grant('old', { ...GIFT, sku: 'OTHER' })).text).toBe(second.text);
    expect(await count()).toEqual({ gifts: 2, keys: 1 });
  });

  it('ignores the order of members and white space', async () => {
    const { request, count } = await openServer(engine);
    const send = (text: string) =>
      request('POST', '/gift', {
        text,
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'spaced' },
      });
    const first = await send('{"user_id":"1","sku":"X","message":"hi"}');
    const second = await send('{ "message": "\\u0068i",\n "sku": "X", "user_id": "1" }');
    expect(second.text).toBe(first.text);
    expect(await count()).toEqual({ gifts: 1, keys: 1 });
  });

  it.each([{ user_id: '2' }, { sku: 'OTHER' }, { message: 'Enjoy' }, { message: undefined }])(
    'refuses a used key for a request with a different %o',
    async (change) => {
      const { grant, count } = await openServer(engine);
      await grant('mine');
      const refused = await grant('mine', { ...GIFT, ...change });
      expect([refused.status, codeOf(refused)]).toEqual([409, 'idempotency_key_reused']);
      expect((await grant('mine')).status).toBe(201);
      expect(await count()).toEqual({ gifts: 1, keys: 1 });
    },
  );

  it('converts a numeric user id to text, in the gift and in the fingerprint', async () => {
    const { grant, count } = await openServer(engine);
    const first = await grant('numbered', { ...GIFT, user_id: 42 });
    expect(first).toMatchObject({ status: 201, body: { user_id: '42' } });
    const repeat = await grant('numbered', { ...GIFT, user_id: '42' });
    expect([repeat.text, repeat.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
    expect((await grant('numbered', { ...GIFT, user_id: 42 })).text).toBe(first.text);
    for (const user_id of [43, '042']) {
      expect(codeOf(await grant('numbered', { ...GIFT, user_id }))).toBe('idempotency_key_reused');
    }
    for (const user_id of [0, -1, 1.5, 2 ** 53, true, null, [42]]) {
      expect(codeOf(await grant('refused', { ...GIFT, user_id }))).toBe('invalid_request');
    }
    expect(await count()).toEqual({ gifts: 1, keys: 1 });
  });

  it('treats a bare key, a quoted key and a key in the body as the same', async () => {
    const { grant, count } = await openServer(engine);
    const { text } = await grant('k"1\\');
    expect((await grant('"k\\"1\\\\"')).text).toBe(text);
    expect((await grant(undefined, { ...GIFT, idempotency_key: 'k"1\\' })).text).toBe(text);
    expect((await grant('"k\\"1\\\\"', { ...GIFT, idempotency_key: 'k"1\\' })).text).toBe(text);
    expect(await count()).toEqual({ gifts: 1, keys: 1 });
  });

  it('distinguishes keys and values that only look alike', async () => {
    const { grant, count } = await openServer(engine);
    const keys = ['1', '1.0', '01', '1e0', 'a', 'A', "'a'", 'a, a'];
    for (const key of keys) expect((await grant(key)).headers.has('idempotent-replayed')).toBe(false);
    expect(await count()).toMatchObject({ gifts: keys.length });
    for (const user_id of ['1.0', '1 ', '\uff11']) {
      expect(codeOf(await grant('1', { ...GIFT, user_id }))).toBe('idempotency_key_reused');
    }
    const composed = await grant('composed', { ...GIFT, sku: '\u00e9' });
    expect(composed.body).toMatchObject({ sku: '\u00e9' });
    expect(codeOf(await grant('composed', { ...GIFT, sku: 'e\u0301' }))).toBe('idempotency_key_reused');
  });

  it('stores nothing for a refused request, so that the key stays free', async () => {
    const { grant, count } = await openServer(engine);
    const refused = [
      await grant('free', { ...GIFT, sku: 7 }),
      await grant('free', { ...GIFT, color: 'red' }),
      await grant('free', { ...GIFT, message: 'x'.repeat(281) }),
      await grant('free', { ...GIFT, idempotency_key: 'other' }),
      await grant(undefined),
      await grant('"free'),
    ];
    expect(refused.map(codeOf)).toEqual([
      'invalid_request',
      'invalid_request',
      'invalid_request',
      'idempotency_key_ambiguous',
      'idempotency_key_required',
      'invalid_request',
    ]);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([400]));
    expect(await count()).toEqual({ gifts: 0, keys: 0 });
    expect((await grant('free')).status).toBe(201);
  });

  it('answers 404 for an unknown id', async () => {
    const { request } = await openServer(engine);
    for (const id of ['0198aaaa-0000-7000-8000-000000000000', 'x', "'"]) {
      expect(codeOf(await request('GET', `/gifts/${id}`))).toBe('gift_not_found');
    }
  });

  it('answers 409 with Retry-After if another transaction holds the key for longer than the wait', async () => {
    const { app, db } = await openGiftApp(engine, { lockTimeoutMs: 50 });
    const { request } = await startApp(app);
    const send = () => request('POST', '/gift', { json: { ...GIFT, idempotency_key: 'held' } });
    await db.transaction().execute(async (first) => {
      const row = { scope: 'anybody', key: 'held', fingerprint: '', response: null, expires_at: 2 ** 50 };
      await first.insertInto('idempotency_keys').values(row).execute();
      const refused = await send();
      expect([refused.status, codeOf(refused)]).toEqual([409, 'idempotency_key_in_use']);
      expect(refused.headers.get('retry-after')).toBe('1');
      await first.deleteFrom('idempotency_keys').execute();
    });
    expect((await send()).status).toBe(201);
  });

  it.each(['""', '"a', '"a"b', '"a\\b"', '"a"; x=1', `"${'x'.repeat(256)}"`, 'x'.repeat(256), 'é'])(
    'refuses the malformed key %s and names the header',
    async (key) => {
      const { grant } = await openServer(engine);
      expect((await grant(key)).body).toMatchObject({
        code: 'invalid_request',
        errors: [{ header: 'idempotency-key' }],
      });
    },
  );

  it('refuses a key that is given twice', async () => {
    const { app } = await openGiftApp(engine);
    const { port } = await startApp(app);
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': ['a', 'a'] };
    const answer = await new Promise<IncomingMessage>((resolve) => {
      httpRequest({ port, path: '/gift', method: 'POST', headers }, resolve).end(JSON.stringify(GIFT));
    });
    expect(await json(answer)).toMatchObject({
      code: 'invalid_request',
      errors: [{ detail: 'must be given once' }],
    });
  });

  it('with callers, lets operators grant and see all gifts, and shoppers see their own', async () => {
    const tokens = new Map([['alice', 1]]);
    const callers = createCallers({ authTokens: tokens, adminToken: 'operator', trustUserHeader: true });
    const { app } = await openGiftApp(engine, { callers });
    const { request } = await startApp(app);
    const operator = { 'X-Admin-Token': 'operator' };
    const grant = (headers: Record<string, string>) =>
      request('POST', '/gift', { headers, json: { ...GIFT, idempotency_key: 'k' } });
    expect(codeOf(await grant({ Authorization: 'Bearer alice' }))).toBe('forbidden');
    const path = (await grant(operator)).headers.get('location') ?? '';
    const statusFor = async (headers: Record<string, string>) =>
      (await request('GET', path, { headers })).status;
    expect(await statusFor(operator)).toBe(200);
    expect(await statusFor({ Authorization: 'Bearer alice' })).toBe(200);
    expect(await statusFor({ 'X-User-Id': '2' })).toBe(404);
    expect(await statusFor({})).toBe(401);
  });
});
