import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startEchoUpstream } from './echo-upstream.ts';
import { startServer, startWrapped } from './wrapped-app.ts';

const MIB = 1_048_576;

/** Sends a request as it is, and resolves with the head of the answer. */
const send = async (
  port: number,
  options: RequestOptions,
  body?: Buffer | string,
): Promise<IncomingMessage> => {
  const req = httpRequest({ port, host: '127.0.0.1', ...options });
  req.end(body);
  const [res]: IncomingMessage[] = await once(req, 'response');
  if (!res) throw new Error('no response');
  return res;
};

test('forwards method, path, query, headers and body as they are', async () => {
  const { url, received } = await startEchoUpstream();
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const headers = {
      'X-Own': 'a, b',
      Authorization: 'Bearer theirs',
      Cookie: 'a=1; b=2',
      'Content-Type': 'text/x-odd',
    };
    const path = '/wrapped/A%20b/c%2Fd//e?q=%20+1&q=2&&x';
    const body = method === 'GET' || method === 'OPTIONS' ? undefined : Buffer.from([0, 255, 10]);
    // Node sends a body of DELETE without framing unless its length is given.
    const framing = body && { 'Content-Length': body.length };
    const res = await send(port, { method, path, headers: { ...headers, ...framing } }, body);
    expect([res.statusCode, await text(res)]).toEqual([200, '{"from":"upstream"}']);
    const last = received.at(-1);
    expect(last).toMatchObject({ method, url: '/A%20b/c%2Fd//e?q=%20+1&q=2&&x' });
    expect(last?.headers).toMatchObject({
      'x-own': 'a, b',
      authorization: 'Bearer theirs',
      cookie: 'a=1; b=2',
      'content-type': 'text/x-odd',
      via: '1.1 ecommerce-lab',
    });
    expect(last?.body).toEqual(body ?? Buffer.alloc(0));
  }
});

test('drops what belongs to the connection, what Connection names, and the token of operators', async () => {
  const { url, received } = await startEchoUpstream();
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const headers = {
    Connection: 'close, X-Mine, Content-Length',
    'X-Mine': 'secret',
    'X-Admin-Token': 'dev-admin-token',
    'Proxy-Authorization': 'Basic c2VjcmV0',
    TE: 'trailers',
    Upgrade: 'websocket',
    'Keep-Alive': 'timeout=5',
    Expect: '100-continue',
    'Content-Length': 2,
  };
  await text(await send(port, { method: 'POST', path: '/wrapped/x', headers }, 'hi'));
  const names = Object.keys(received[0]?.headers ?? {});
  for (const name of [
    'x-mine',
    'x-admin-token',
    'proxy-authorization',
    'te',
    'upgrade',
    'keep-alive',
    'expect',
  ])
    expect(names).not.toContain(name);
  expect(received[0]?.headers).toMatchObject({ host: new URL(url).host, 'content-length': '2' });
  expect(received[0]?.body.toString()).toBe('hi');
});

test('continues the trace, and gives the upstream the id of the request', async () => {
  const { url, received } = await startEchoUpstream();
  const { request } = await startWrapped({ UPSTREAM_URL: url });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const headers = {
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    tracestate: 'a=1',
    'X-Request-Id': 'mine',
  };
  const { headers: answered } = await request('GET', '/wrapped/x', { headers });
  expect(received[0]?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  expect(received[0]?.headers.traceparent).not.toContain('b7ad6b7169203331');
  expect(received[0]?.headers).toMatchObject({ tracestate: 'a=1', 'x-request-id': 'mine' });
  expect(answered.get('x-request-id')).toBe('mine');
  await request('GET', '/wrapped/x', { headers: { traceparent: 'broken', tracestate: 'a=1' } });
  expect(received[1]?.headers).not.toHaveProperty('tracestate');
});

test.each([
  ['/wrapped//other.example/x', '/base//other.example/x'],
  ['/wrapped/http://other.example/', '/base/http://other.example/'],
  ['http://other.example/wrapped/x?y', '/base/x?y'],
  ['/wrapped/@other.example', '/base/@other.example'],
  ['/WRAPPED/x', '/base/x'],
  ['/wrapped/x%2F%2e%2e%2Fy'],
  ['/wrapped/..%5Cadmin'],
  ['/wrapped/a/%2E%2E/%2e%2e/admin'],
])('%s reaches the upstream below its own path, or not at all', async (path, expected?: string) => {
  const { url, received } = await startEchoUpstream();
  const { port } = await startWrapped({ UPSTREAM_URL: `${url}/base` });
  const res = await send(port, { path });
  res.resume();
  expect(res.statusCode).toBe(expected === undefined ? 400 : 200);
  expect(received.map((each) => each.url)).toEqual(expected === undefined ? [] : [expected]);
});

test('passes answers on: status, headers, cookies and bytes, and its own headers stay', async () => {
  const { url } = await startEchoUpstream([418], {
    'Content-Type': 'text/x-odd',
    'Set-Cookie': ['a=1', 'b=2'],
    'X-Powered-By': 'PHP',
    'Content-Security-Policy': 'none of it',
    'Cache-Control': 'max-age=60',
    'Content-Encoding': 'gzip',
    'Keep-Alive': 'timeout=99',
    Connection: 'X-Hop',
    'X-Hop': '1',
    'X-Request-Id': 'theirs',
  });
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const res = await send(port, { path: '/wrapped/x' });
  expect([res.statusCode, await text(res)]).toEqual([418, '{"from":"upstream"}']);
  expect(res.headers).toMatchObject({
    'content-type': 'text/x-odd',
    'set-cookie': ['a=1', 'b=2'],
    'cache-control': 'max-age=60',
    'content-encoding': 'gzip',
    'x-attempts': '1',
  });
  expect(res.headers['content-security-policy']).toContain("default-src 'self'");
  expect(res.headers['x-request-id']).not.toBe('theirs');
  for (const name of ['x-powered-by', 'x-hop']) expect(res.headers).not.toHaveProperty(name);
});

test('follows no redirect', async () => {
  const other = await startEchoUpstream();
  const { url } = await startEchoUpstream([302], { Location: `${other.url}/elsewhere` });
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const res = await send(port, { path: '/wrapped/x' });
  res.resume();
  expect([res.statusCode, res.headers.location]).toEqual([302, `${other.url}/elsewhere`]);
  expect(other.received).toEqual([]);
});

test('answers without a body stay without one', async () => {
  const url = await startServer((req, res) => {
    if (req.url === '/204') res.writeHead(204).end();
    else if (req.url === '/304') res.writeHead(304, { ETag: '"a"' }).end();
    else res.writeHead(200, { 'Content-Length': 1234 }).end();
  });
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const statusAndBody = async (path: string, method = 'GET') => {
    const res = await send(port, { path: `/wrapped${path}`, method });
    return [res.statusCode, await text(res), res.headers['content-length']];
  };
  expect(await statusAndBody('/204')).toEqual([204, '', undefined]);
  expect(await statusAndBody('/304')).toEqual([304, '', undefined]);
  expect(await statusAndBody('/x', 'HEAD')).toEqual([200, '', '1234']);
});

test('passes on an answer while it comes', async () => {
  const isSecondWanted = Promise.withResolvers<void>();
  const url = await startServer(async (_req, res) => {
    res.write('first');
    await isSecondWanted.promise;
    res.end('second');
  });
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const res = await send(port, { path: '/wrapped/x' });
  const [first] = await once(res, 'data');
  expect(String(first)).toBe('first');
  isSecondWanted.resolve();
  expect(await text(res)).toBe('second');
});

test('passes on a long body while it comes, and its bytes arrive unchanged in both directions', async () => {
  const hasFirst = Promise.withResolvers<void>();
  const url = await startServer(async (req, res) => {
    req.once('data', () => hasFirst.resolve());
    res.end(await buffer(req));
  });
  const { port } = await startWrapped({ UPSTREAM_URL: url });
  const parts = [0, 1, 2, 3].map((part) => Buffer.alloc(MIB, part));
  const req = httpRequest({ port, host: '127.0.0.1', method: 'PUT', path: '/wrapped/x' });
  req.write(parts[0]);
  await hasFirst.promise;
  for (const part of parts.slice(1)) req.write(part);
  req.end();
  const [res]: IncomingMessage[] = await once(req, 'response');
  if (!res) throw new Error('no response');
  expect(Buffer.concat(parts).equals(await buffer(res))).toBe(true);
});

test('refuses bodies that are too long, declared or not, and cuts off such answers', async () => {
  const url = await startServer((req, res) => {
    req.resume();
    req.on('error', () => undefined);
    res.write('x'.repeat(Number(req.headers['x-length'] ?? 0)));
    req.once('end', () => res.end());
  });
  const { port } = await startWrapped({ UPSTREAM_URL: url, WRAPPED_BODY_BYTES: '100000' });
  const long = Buffer.alloc(200_000);
  const declared = await send(
    port,
    { method: 'POST', path: '/wrapped/x', headers: { 'Content-Length': long.length } },
    long,
  );
  declared.resume();
  const chunked = await send(
    port,
    { method: 'POST', path: '/wrapped/x', headers: { 'Transfer-Encoding': 'chunked' } },
    long,
  );
  chunked.resume();
  expect([declared.statusCode, chunked.statusCode]).toEqual([413, 413]);
  const answer = await send(port, { path: '/wrapped/x', headers: { 'X-Length': '200000' } });
  await expect(text(answer)).rejects.toThrow('aborted');
});

test('aborts the call when the client leaves', async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const url = await startServer((_req, res) => {
    arrived.resolve();
    res.once('close', () => left.resolve());
  });
  const { port } = await startWrapped({
    UPSTREAM_URL: url,
    ATTEMPT_TIMEOUT_MS: '60000',
    DEADLINE_MS: '60000',
  });
  const req = httpRequest({ port, host: '127.0.0.1', path: '/wrapped/x' }).on('error', () => undefined);
  req.end();
  await arrived.promise;
  req.destroy();
  await left.promise;
});
