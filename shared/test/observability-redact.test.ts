import { describe, expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';

const secret = 'hunter2';

const logged = (fields: object) => {
  const { logger, lines, text } = createCapturedLogger();
  logger.info(fields);
  return { line: lines()[0] ?? expect.unreachable(), text: text() };
};

describe('a secret', () => {
  test.each([
    ...['authorization', 'Authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'Set-Cookie'],
    ...['password', 'PASSWORD', 'passwordHash', 'token', 'X-Admin-Token', 'AUTH_TOKENS', 'accessToken'],
    ...['secret', 'CURSOR_SECRET', 'client_secret', 'card_number', 'cardNumber', 'cvc', 'CVV'],
    ...['api_key', 'apiKey', 'X-Api-Key', 'secret_access_key', 'private-key', 'session_id', 'credentials'],
  ])('is known by the name %s, at any depth', (name) => {
    const field = { [name]: secret };
    const deep = [[{ steps: [1, { headers: { ...field, kept: 'yes' } }] }]];
    const { line, text } = logged({ ...field, body: field, deep });
    expect(text).not.toContain(secret);
    expect(line).toMatchObject({
      [name]: '[redacted]',
      body: { [name]: '[redacted]' },
      deep: [[{ steps: [1, { headers: { [name]: '[redacted]', kept: 'yes' } }] }]],
    });
  });

  test('whole objects and lists under its name go as well', () => {
    expect(logged({ a: { tokens: [secret], cookies: { sid: secret } } }).text).not.toContain(secret);
  });

  test('other names stay as they are', () => {
    const fields = {
      tokenizer: 1,
      route: '/tokens',
      prev_hash: 'a',
      hash: 'b',
      key: 'c',
      carts: [{ id: 1 }],
    };
    expect(logged(fields).line).toMatchObject(fields);
  });

  test('in what a child is bound to, and its children', () => {
    const { logger, text } = createCapturedLogger();
    const child = logger.child({ request: { headers: { authorization: secret } }, password: secret });
    child.child({ nested: { deep: { token: secret } } }).info('bound');
    child.info({ a: { b: { c: { secret } } } });
    expect(text()).not.toContain(secret);
    expect(text()).toContain('"request":{"headers":{"authorization":"[redacted]"}}');
  });

  test('in what an error carries, wherever it stands', () => {
    const error = Object.assign(new Error('failed'), { parameters: [secret], detail: secret });
    const { line, text } = logged({ err: error, attempts: [{ error }] });
    expect(text).not.toContain(secret);
    expect(line).toMatchObject({
      err: { message: 'failed' },
      attempts: [{ error: { name: 'Error', message: 'failed', stack: expect.any(String) } }],
    });
  });

  test('in what an object turns into as JSON', () => {
    const answer = { toJSON: () => ({ account: { token: secret } }) };
    expect(logged({ answer }).line).toMatchObject({ answer: { account: { token: '[redacted]' } } });
  });
});

describe('logging never fails', () => {
  test('on cycles, in objects, lists and causes', () => {
    const order: Record<string, unknown> = { id: 1, password: secret };
    const lines: unknown[] = [order];
    order.lines = lines;
    order.self = order;
    const error = new Error('its own cause');
    error.cause = error;
    const { line, text } = logged({ order, err: error });
    expect(line.order).toEqual({
      id: 1,
      password: '[redacted]',
      lines: ['[circular]'],
      self: '[circular]',
    });
    expect(text).not.toContain(secret);
  });

  test('an object that stands twice is no cycle', () => {
    const money = { amount: '1.00' };
    expect(logged({ a: money, b: [money] }).line).toMatchObject({ a: money, b: [money] });
  });

  test('on getters, proxies and toJSON that throw: what is beside them is logged', () => {
    const fail = (): never => {
      throw new Error(secret);
    };
    const fields = {
      getter: {
        get broken() {
          return fail();
        },
        kept: 1,
      },
      get broken() {
        return fail();
      },
      json: { toJSON: fail },
      proxy: new Proxy({}, { ownKeys: fail }),
      kept: 2,
    };
    expect(logged(fields).line).toMatchObject({
      getter: { broken: '[unreadable]', kept: 1 },
      broken: '[unreadable]',
      json: '[unreadable]',
      proxy: '[unreadable]',
      kept: 2,
    });
    expect(logged(new Proxy({}, { ownKeys: fail })).line).toMatchObject({ fields: '[unreadable]' });
  });

  test('beyond ten levels nothing is shown', () => {
    let value: unknown = { password: secret, shown: secret };
    for (let level = 0; level < 12; level += 1) value = { value };
    const { text } = logged({ value });
    expect(text).toContain('[too deep]');
    expect(text).not.toContain(secret);
  });

  test('a line is bounded in size, in width as in depth', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({
      id,
      cells: Array.from({ length: 100 }, () => 'x'),
    }));
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, id) => [`field-${id}`, id]));
    for (const fields of [{ rows }, wide, { bytes: Buffer.alloc(100_000) }]) {
      const { text } = logged(fields);
      expect(text.length).toBeLessThan(20_000);
    }
    expect(logged({ rows }).text).toContain('[left out]');
    expect(logged(wide).text).toContain('[left out]');
    expect(logged({ bytes: Buffer.alloc(9) }).line).toMatchObject({ bytes: '[9 bytes]' });
  });

  test('dates, URLs, big numbers and nothing at all are written as ever', () => {
    const at = new Date(0);
    const fields = { at, url: new URL('https://shop.example/a'), big: 2n, none: null, absent: undefined };
    expect(logged({ deep: fields }).line).toMatchObject({
      deep: { at: at.toISOString(), url: 'https://shop.example/a', big: 2, none: null },
    });
  });
});

test('what is logged is left as it was', () => {
  const fields = { user: { password: secret } };
  logged(fields);
  expect(fields).toEqual({ user: { password: secret } });
});
