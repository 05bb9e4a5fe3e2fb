import { once } from 'node:events';
import { connect } from 'node:net';
import { createHttpServer, createRouter, defineRoute, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createCapturedLogger } from './fixtures/log-lines.ts';
import { createNotesApp } from './fixtures/notes-app.ts';
import { rawExchange } from './fixtures/raw-exchange.ts';

const captured = createCapturedLogger();
const serverOptions = { publicUrl: 'http://lab.test', logger: captured.logger };
const { port } = await startApp(createNotesApp({ logger: captured.logger }));

const post =
  'POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Request-Id: broken-body\r\n';

const statuses = (answer: string): string[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');

describe('bytes that are no request', () => {
  test.each([
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_request'],
    ['noise', '\x16\x03\x01\x02\x00', 400, 'malformed_request'],
    ['a space in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX Y: 1\r\n\r\n', 400, 'malformed_request'],
    [
      'two framings',
      `${post}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'malformed_request',
    ],
    [
      'a huge header',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a huge target', `GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers_too_large'],
  ])('%s: a problem, and the connection is closed', async (_name, bytes, status, code) => {
    const answer = await rawExchange(port, bytes);
    expect(statuses(answer)).toEqual([String(status)]);
    expect(answer).toContain(`/problems/${code}"`);
    expect(answer).toContain('Connection: close');
    expect(answer).toMatch(/X-Request-Id: [0-9a-f-]{36}\r\n/);
  });

  test('leave a log line with the id of the answer, the status and the reason, and none of the bytes', async () => {
    const answer = await rawExchange(
      port,
      'GET /secret-4111 HTTP/1.1\r\nHost: a\r\nX Y: secret-value\r\n\r\n',
    );
    const id = /X-Request-Id: (\S+)/.exec(answer)?.[1];
    const told = () => captured.lines().filter(({ request_id }) => request_id === id);
    await expect.poll(told).toHaveLength(1);
    expect(told()).toMatchObject([
      {
        msg: 'malformed HTTP request',
        status: 400,
        reason: 'HPE_INVALID_HEADER_TOKEN',
        route: 'unmatched',
      },
    ]);
    expect(JSON.stringify(told())).not.toContain('secret');
  });

  test('end their connection even where the client keeps its side open', async () => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket
      .on('error', () => {})
      .resume()
      .write('noise\r\n\r\n');
    await once(socket, 'end');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const probe = setInterval(() => socket.write('more'), 50);
    await closed;
    clearInterval(probe);
  });

  test('a request without Host is refused with a problem (RFC 9112, section 3.2)', async () => {
    const answer = await rawExchange(port, 'GET /notes/1 HTTP/1.1\r\n\r\n');
    expect(statuses(answer)).toEqual(['400']);
    expect(answer).toContain('"malformed_request"');
    expect(statuses(await rawExchange(port, 'GET /notes/1 HTTP/1.0\r\n\r\n'))).toEqual(['200']);
  });
});

describe('a body that breaks', () => {
  test.each([
    ['off', `${post}Content-Length: 100\r\n\r\n{"text":`],
    ['in its chunks', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ])('%s is answered once, as its request', async (_name, bytes) => {
    const answer = await rawExchange(port, bytes);
    expect(statuses(answer)).toEqual(['400']);
    expect(answer).toContain('"instance":"/notes","code":"malformed_request","request_id":"broken-body"');
    const ofRequest = () => captured.lines().filter(({ request_id }) => request_id === 'broken-body');
    await expect
      .poll(() => ofRequest().at(-1))
      .toMatchObject({ msg: 'request', status: 400, route: '/notes' });
    expect(ofRequest().filter(({ level }) => level === 'error')).toEqual([]);
  });
});

test('answers stay in order when a good request is followed by noise', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const wait = defineRoute({
    method: 'GET',
    path: '/wait',
    name: 'wait',
    summary: 'Waits',
    tag: 'test',
    responses: { 204: { description: 'Nothing' } },
  });
  const handled = route(wait).handle(async () => {
    arrive();
    await released;
    return { status: 204 };
  });
  const server = await startApp(createTestApp([createRouter([handled])]));
  const answer = rawExchange(server.port, 'GET /wait HTTP/1.1\r\nHost: a\r\n\r\n', 'noise\r\n\r\n');
  await arrived;
  release();
  expect(statuses(await answer)).toEqual(['204', '400']);
});

test('expectations other than 100-continue are passed over', async () => {
  const json = '{"text":"a"}';
  for (const expectation of ['100-continue', 'a miracle']) {
    const answer = await rawExchange(
      port,
      `${post}Expect: ${expectation}\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    );
    expect(statuses(answer).at(-1)).toBe('200');
  }
});

test('a header behind hundreds of others is still seen', async () => {
  const others = Array.from({ length: 1500 }, (_, index) => `x${index}: \r\n`).join('');
  const answer = await rawExchange(port, `GET /me HTTP/1.1\r\nHost: a\r\n${others}X-User-Id: 7\r\n\r\n`);
  expect(answer).toContain('{"user_id":7}');
});

test('a response that has begun is cut off rather than mixed with another', async () => {
  const server = createHttpServer((_req, res) => {
    res.writeHead(200, { 'Content-Length': 100 });
    res.write('half');
  }, serverOptions).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const broken = typeof address === 'object' && address ? address.port : 0;
  const socket = connect(broken, '127.0.0.1');
  const bytes: Buffer[] = [];
  socket.on('data', (chunk) => bytes.push(chunk)).on('error', () => {});
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  await once(socket, 'data');
  socket.write('zz\r\n');
  await once(socket, 'close');
  server.close();
  expect(statuses(Buffer.concat(bytes).toString())).toEqual(['200']);
});

test('every wait on a client has an end', () => {
  const server = createHttpServer(() => {}, serverOptions);
  const { headersTimeout, requestTimeout, keepAliveTimeout } = server;
  expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5000,
  });
});
