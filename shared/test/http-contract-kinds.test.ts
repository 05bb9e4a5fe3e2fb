import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createRouter, defineRoute, rawBody, route, setCookie, setSignedCookie } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';

const about = { name: 'one', summary: 'One', tag: 'test', path: '/one' } as const;
const text = { 200: { description: 'Text', mediaType: 'text/plain; charset=utf-8' } } as const;

describe('a raw body', () => {
  const contract = defineRoute({
    ...about,
    method: 'POST',
    body: rawBody({ mediaTypes: ['application/octet-stream'], limitBytes: 8 }),
    responses: text,
  });
  const app = createTestApp([
    createRouter([route(contract).handle((req) => ({ status: 200, text: req.body.toString('hex') }))]),
  ]);
  const post = async (body: Uint8Array<ArrayBuffer>, type = 'application/octet-stream') =>
    fetch(`${(await startApp(app)).url}/one`, { method: 'POST', body, headers: { 'Content-Type': type } });

  test('arrives byte for byte', async () => {
    expect(await (await post(Uint8Array.of(0xef, 0xbb, 0xbf, 0, 0xff))).text()).toBe('efbbbf00ff');
  });

  test('has its own limit and media types', async () => {
    expect((await post(new Uint8Array(9))).status).toBe(413);
    expect((await post(new Uint8Array(1), 'application/json')).status).toBe(415);
  });
});

describe('a reply', () => {
  test('may be bytes, a stream, and have several cookies', async () => {
    const contract = defineRoute({
      ...about,
      method: 'GET',
      query: z.strictObject({ as: z.enum(['bytes', 'stream']) }),
      responses: { 200: { description: 'Bytes', mediaType: 'application/octet-stream' } },
    });
    const handled = route(contract).handle(({ query }) => {
      const headers = { 'Set-Cookie': [setCookie('a', '1'), setCookie('b', '2', { maxAge: 60 })] };
      if (query.as === 'bytes') return { status: 200, headers, bytes: Uint8Array.of(0, 255) };
      return { status: 200, headers, stream: Readable.from([Buffer.of(0), Buffer.of(255)]) };
    });
    const { url } = await startApp(createTestApp([createRouter([handled])]));
    for (const as of ['bytes', 'stream']) {
      const answer = await fetch(`${url}/one?as=${as}`);
      expect([...new Uint8Array(await answer.arrayBuffer())]).toEqual([0, 255]);
      expect(answer.headers.getSetCookie()).toEqual([
        'a=1; Path=/; HttpOnly; Secure; SameSite=Lax',
        'b=2; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax',
      ]);
    }
  });

  const endless = defineRoute({
    ...about,
    method: 'GET',
    responses: { 200: { description: 'Events', mediaType: 'text/event-stream' } },
  });

  test('may be server-sent events, which end when the client leaves', async () => {
    const ended = Promise.withResolvers<void>();
    const count = async function* () {
      try {
        for (let n = 1; ; n += 1) yield { data: { n }, event: 'tick', id: String(n) };
      } finally {
        ended.resolve();
      }
    };
    const router = createRouter([route(endless).handle(() => ({ status: 200, events: count() }))]);
    const { url } = await startApp(createTestApp([router]));
    const leave = new AbortController();
    const answer = await fetch(`${url}/one`, { signal: leave.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = answer.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toMatch(/^event: tick\nid: 1\ndata: {"n":1}\n\n/);
    leave.abort();
    await ended.promise;
  });

  test('that fails midway is cut, so that a part is not taken for the whole', async () => {
    const failing = async function* () {
      yield { data: 1 };
      throw new Error('the source broke');
    };
    const router = createRouter([route(endless).handle(() => ({ status: 200, events: failing() }))]);
    const { url } = await startApp(createTestApp([router]));
    const answer = await fetch(`${url}/one`);
    await expect(answer.text()).rejects.toThrow();
  });
});

describe('a reply with a header that HTTP does not allow', () => {
  const contract = defineRoute({ ...about, method: 'GET', responses: text });

  test('is a plain 500, with nothing of the reply in it', async () => {
    const handled = route(contract).handle(() => ({
      status: 200,
      headers: { 'Set-Cookie': 'session=1', 'X-Note': 'a\r\nX-Injected: b' },
      text: 'done',
    }));
    const { url } = await startApp(createTestApp([createRouter([handled])]));
    const answer = await fetch(`${url}/one`);
    expect([answer.status, answer.statusText]).toEqual([500, 'Internal Server Error']);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.has('x-injected')).toBe(false);
  });
});

describe('the source of a stream is closed', () => {
  const contract = defineRoute({ ...about, method: 'GET', responses: text });
  const openSource = () => new Readable({ read: () => undefined });

  test.each([
    ['where the head of the answer cannot be written', { 'X-Note': 'a\nb' }, 500],
    ['where the deadline passed before the reply', {}, 503],
  ])('%s', async (_name, headers, status) => {
    const source = openSource();
    const handled = route(contract).handle(async (req) => {
      if (status === 503) await once(req.context.signal, 'abort');
      return { status: 200, headers, stream: source };
    });
    const app = createTestApp([createRouter([handled])], { requestDeadlineMs: 50 });
    const { request } = await startApp(app);
    expect((await request('GET', '/one')).status).toBe(status);
    await vi.waitUntil(() => source.destroyed);
  });

  test('where the client left before the reply', async () => {
    const source = openSource();
    const arrived = Promise.withResolvers<void>();
    const handled = route(contract).handle(async (req) => {
      arrived.resolve();
      await once(req.context.signal, 'abort');
      return { status: 200, stream: source };
    });
    const { url } = await startApp(createTestApp([createRouter([handled])]));
    const leave = new AbortController();
    const asked = fetch(`${url}/one`, { signal: leave.signal });
    await arrived.promise;
    leave.abort();
    await expect(asked).rejects.toThrow();
    await vi.waitUntil(() => source.destroyed);
  });
});

test('signed cookies are read where one of the secrets has signed them, for their own name', async () => {
  const contract = defineRoute({
    ...about,
    method: 'GET',
    cookies: z.object({ theme: z.enum(['dark', 'light']).optional() }),
    signedCookies: z.object({ session: z.string().optional() }),
    responses: text,
  });
  const handled = route(contract).handle((req) => ({
    status: 200,
    text: `${req.cookies.theme} ${req.signedCookies.session}`,
  }));
  const router = createRouter([handled], { cookieSecrets: ['new', 'old'] });
  const { request } = await startApp(createTestApp([router]));
  const ask = async (cookie: string) => (await request('GET', '/one', { headers: { Cookie: cookie } })).text;
  const pairOf = (setCookieHeader: string) => setCookieHeader.split(';')[0] ?? '';
  expect(await ask(`theme=dark; ${pairOf(setSignedCookie('session', 's1', ['new']))}`)).toBe('dark s1');
  expect(await ask(pairOf(setSignedCookie('session', 's1', ['old'])))).toBe('undefined s1');
  expect(await ask(pairOf(setSignedCookie('session', 's1', ['stolen'])))).toBe('undefined undefined');
  expect(await ask(pairOf(setSignedCookie('cart', 's1', ['new'])).replace('cart', 'session'))).toBe(
    'undefined undefined',
  );
  expect(await ask('session=s1')).toBe('undefined undefined');
  expect(await ask('theme=red')).toContain('"cookie":"theme"');
  expect(() => createRouter([handled])).toThrow('no cookieSecrets');
});
