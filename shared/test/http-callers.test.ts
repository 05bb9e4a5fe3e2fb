import { createRouter, defineRoute, route } from '@lab/shared/http';
import { startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';

const trusting = await startApp(createNotesApp());
const strict = await startApp(createNotesApp({}, { trustUserHeader: false }));

const whoAmI = (headers: Record<string, string>, { request } = trusting) =>
  request('GET', '/me', { headers });
const erase = (headers: Record<string, string>) => trusting.request('DELETE', '/notes', { headers });

describe('a shopper', () => {
  test.each([
    [{ Authorization: 'Bearer alice-token' }, 1],
    [{ Authorization: 'bearer   bob-token' }, 2],
    [{ 'X-User-Id': '42' }, 42],
    [{ 'X-User-Id': '999999999999999' }, 999_999_999_999_999],
    [{ Authorization: 'Bearer alice-token', 'X-User-Id': '42' }, 1],
  ])('%o is user %i', async (headers, userId) => {
    expect(await whoAmI(headers)).toMatchObject({ status: 200, body: { user_id: userId } });
  });

  test('nobody named: 401 with a challenge', async () => {
    const response = await whoAmI({});
    expect(response.body).toMatchObject({ status: 401, code: 'missing_credentials' });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="ecommerce-lab"');
  });

  test.each(['alice-toke', 'alice-token1', 'Alice-token', 'the-admin-token', '__proto__'])(
    'the token %s is unknown: 401, and the challenge says why',
    async (token) => {
      const response = await whoAmI({ Authorization: `Bearer ${token}` });
      expect(response.body).toMatchObject({ status: 401, code: 'invalid_token' });
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(response.text).not.toContain(token);
    },
  );

  test.each(['Basic YWxpY2U6', 'Bearer', 'Bearer a b', 'alice-token', 'Bearer "alice-token"'])(
    'the header Authorization: %s is malformed: 400',
    async (value) => {
      expect((await whoAmI({ Authorization: value })).body).toMatchObject({
        status: 400,
        code: 'invalid_request',
        errors: [{ header: 'Authorization', detail: 'must be: Bearer <token>' }],
      });
    },
  );

  test.each(['0', '-1', '1.5', '01', '1e3', 'one', '9999999999999999', '1, 2'])(
    'the header X-User-Id: %s is malformed: 400',
    async (value) => {
      expect((await whoAmI({ 'X-User-Id': value })).body).toMatchObject({
        status: 400,
        errors: [{ header: 'X-User-Id', detail: 'must be a positive integer' }],
      });
    },
  );

  test('X-User-Id names nobody where it is not trusted', async () => {
    expect((await whoAmI({ 'X-User-Id': '42' }, strict)).body).toMatchObject({ code: 'missing_credentials' });
    expect((await whoAmI({ 'X-User-Id': 'one' }, strict)).body).toMatchObject({
      code: 'missing_credentials',
    });
    expect(await whoAmI({ Authorization: 'Bearer bob-token' }, strict)).toMatchObject({
      body: { user_id: 2 },
    });
  });
});

describe('an operator', () => {
  test('has the admin token', async () => {
    expect(await erase({ 'X-Admin-Token': 'the-admin-token' })).toMatchObject({ status: 204 });
  });

  test.each([
    [{}, 'missing_credentials'],
    [{ 'X-Admin-Token': 'another' }, 'invalid_token'],
    [{ 'X-Admin-Token': '' }, 'invalid_token'],
    [{ Authorization: 'Bearer the-admin-token' }, 'invalid_token'],
  ] as const)('%o is none: 401', async (headers, code) => {
    const response = await erase(headers);
    expect(response.body).toMatchObject({ status: 401, code });
    expect(response.headers.get('www-authenticate')).toMatch(/^(AdminToken|Bearer) /);
  });

  test.each([{ 'X-User-Id': '1' }, { Authorization: 'Bearer alice-token' }])(
    '%o is a shopper, who may not: 403',
    async (headers) => {
      const { body } = await erase(headers);
      expect(body).toMatchObject({
        status: 403,
        code: 'forbidden',
        detail: 'This route is for operators only.',
      });
    },
  );

  test('is no shopper: 403', async () => {
    const { body } = await whoAmI({ 'X-Admin-Token': 'the-admin-token' });
    expect(body).toMatchObject({ status: 403, code: 'forbidden' });
  });
});

test('strangers are turned away before their request is read', async () => {
  const { status } = await trusting.request('DELETE', '/notes?a=b');
  expect(status).toBe(401);
});

test('a contract that wants a caller is not mounted where nobody can name one', () => {
  const contract = defineRoute({
    method: 'GET',
    path: '/me',
    name: 'me',
    summary: 'Me',
    tag: 'test',
    caller: 'shopper',
    responses: { 204: { description: 'Nothing' } },
  });
  // @ts-expect-error A contract that names a caller makes `callers` required.
  expect(() => createRouter([route(contract).handle(() => ({ status: 204 }))])).toThrow(
    'me requires callers',
  );
});

describe('either a shopper or an operator', () => {
  const whatAmI = (headers: Record<string, string>) => trusting.request('GET', '/role', { headers });

  test.each([
    [{ Authorization: 'Bearer alice-token' }, 'shopper'],
    [{ 'X-Admin-Token': 'the-admin-token' }, 'operator'],
    [{ Authorization: 'Bearer alice-token', 'X-Admin-Token': 'the-admin-token' }, 'operator'],
  ])('%o is a %s', async (headers, role) => {
    expect(await whatAmI(headers)).toMatchObject({ status: 200, body: { role } });
  });

  test.each([
    [{}, 'missing_credentials'],
    [{ Authorization: 'Bearer nobody' }, 'invalid_token'],
    [{ Authorization: 'Bearer alice-token', 'X-Admin-Token': 'wrong' }, 'invalid_token'],
  ])('%o is neither: 401', async (headers, code) => {
    expect((await whatAmI(headers)).body).toMatchObject({ status: 401, code });
  });

  test('is documented with the credentials of both', () => {
    const { security } = createNotesApp().openApi.paths?.['/role']?.get ?? {};
    expect(security).toEqual([{ shopperToken: [] }, { shopperId: [] }, { operatorToken: [] }]);
  });
});
