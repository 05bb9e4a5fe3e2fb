import { eachDatabase, parsePrometheus, type TestResponse } from '@lab/testing';
import { expect, it } from 'vitest';
import { startAccounts } from './accounts-app.ts';

const KNOWN = 'demo-alice@example.com';
const UNKNOWN = 'demo-nobody@example.com';
const NEXT = 'the analytical engine weaves';

/** Everything of an answer that does not name the request itself. */
const visible = ({ status, headers, text }: TestResponse) => ({
  status,
  headers: [...headers].filter(([name]) => !['date', 'x-request-id', 'traceparent', 'etag'].includes(name)),
  text: text.replace(/"request_id":"[^"]*"/, ''),
});

eachDatabase((engine) => {
  const start = async () => {
    const opened = await startAccounts(engine, { isSeeded: true });
    const hashes = async () =>
      parsePrometheus((await opened.request('GET', '/metrics')).text).value(
        'password_hash_seconds_count',
        {},
      ) ?? 0;
    /** What a stranger sees of a request, and how many passwords it had hashed. */
    const observe = async (path: string, json: unknown) => {
      const before = await hashes();
      const answer = visible(await opened.request('POST', path, { json }));
      return { ...answer, hashes: (await hashes()) - before };
    };
    return { ...opened, observe };
  };

  it.each([
    ['a login', '/sessions', { password: 'not the password' }, { status: 401, hashes: 1 }],
    ['a registration', '/accounts', { password: NEXT }, { status: 202, hashes: 1 }],
    ['a reset', '/password-resets', {}, { status: 202, hashes: 0 }],
  ])(
    '%s looks the same and hashes as often for a known and an unknown address',
    async (_what, path, rest, expected) => {
      const { observe } = await start();
      const known = await observe(path, { email: KNOWN, ...rest });
      const unknown = await observe(path, { email: UNKNOWN, ...rest });
      expect(known).toEqual(unknown);
      expect(known).toMatchObject(expected);
    },
  );

  it('a login to a registration that waits, with a wrong password, looks like any other', async () => {
    const { observe, request } = await start();
    await request('POST', '/accounts', { json: { email: 'ada@example.com', password: NEXT } });
    const pending = await observe('/sessions', { email: 'ada@example.com', password: 'not the password' });
    expect(pending).toEqual(await observe('/sessions', { email: UNKNOWN, password: 'not the password' }));
  });

  it('the owner of a known address is told of a registration, and of each mail at most five at once', async () => {
    const { request, mailsTo } = await start();
    for (let index = 0; index < 8; index += 1) {
      const { status } = await request('POST', '/accounts', { json: { email: KNOWN, password: NEXT } });
      expect(status).toBe(202);
    }
    expect(await mailsTo(KNOWN)).toEqual(Array.from({ length: 5 }, () => 'You already have an account'));
  });

  it('attempts at an address are throttled alike, known or not, and a login that succeeds costs nothing', async () => {
    const { request, logIn, advance } = await start();
    for (let index = 0; index < 25; index += 1) await logIn(KNOWN);
    for (const email of [KNOWN, UNKNOWN]) {
      const guess = () => request('POST', '/sessions', { json: { email, password: 'not the password' } });
      for (let index = 0; index < 20; index += 1) expect((await guess()).status).toBe(401);
      const refused = await guess();
      expect(refused.body).toMatchObject({ status: 429, code: 'rate_limited' });
      expect(refused.headers.get('retry-after')).toBe('10');
    }
    // Refused attempts do not prolong the wait of the owner.
    await advance(10_000);
    expect(await logIn(KNOWN)).toMatchObject({ expires_in: 600 });
  });
});
