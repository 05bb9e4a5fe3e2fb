import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';
import { createNotesApp } from './fixtures/notes-app.ts';
import { rawExchange } from './fixtures/raw-exchange.ts';

const { request, port } = await startApp(createNotesApp());

const post = (text: string | undefined, headers: Record<string, string> = {}) =>
  request('POST', '/notes', {
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(text !== undefined && { text }),
  });

const limitBytes = 102_400;
const noteOf = (bytes: number): string => `{"text":"${'a'.repeat(bytes - '{"text":""}'.length)}"}`;

describe('the media type', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('%s is taken', async (type) => {
    expect(await post('{"text":"a"}', { 'Content-Type': type })).toMatchObject({
      status: 200,
      body: { length: 1 },
    });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/problem+json',
    'application/json, text/plain',
  ])('%s is refused with 415 and Accept', async (type) => {
    const response = await post('{"text":"a"}', { 'Content-Type': type });
    expect(response.body).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(response.headers.get('accept')).toBe('application/json');
  });

  test('none at all is refused with 415', async () => {
    const answer = await rawExchange(
      port,
      'POST /notes HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{"text":"a"}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('a compressed body is refused with 415: its size could not be told before it is unpacked', async () => {
    const body = gzipSync('{"text":"a"}');
    const head = `POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    expect(await rawExchange(port, head, body)).toMatch(/^HTTP\/1\.1 415 /);
  });
});

describe('the size', () => {
  const chunked = (json: string): string =>
    `POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;

  test('102,400 bytes pass', async () => {
    expect(await post(noteOf(limitBytes))).toMatchObject({ status: 200, body: { length: limitBytes - 11 } });
    expect(await rawExchange(port, chunked(noteOf(limitBytes)))).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('one byte more is refused with 413', async () => {
    expect((await post(noteOf(limitBytes + 1))).body).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    expect(await rawExchange(port, chunked(noteOf(limitBytes + 1)))).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('bytes are counted, not characters', async () => {
    const snowmen = `{"text":"${'\u2603'.repeat(35_000)}"}`;
    expect(await post(snowmen)).toMatchObject({ status: 413 });
  });

  test('a body announced as too large is refused before it arrives', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${limitBytes + 1}\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('bytes that are no JSON', () => {
  test.each([
    ['a cut object', '{"text":"a"'],
    ['a stray comma', '{"text":"a",}'],
    ['single quotes', "{'text':'a'}"],
    ['a comment', '{"text":"a"}//'],
    ['two values', '{"text":"a"}{}'],
    ['NaN', '{"text":NaN}'],
    ['a control character', '{"text":"a\u0001"}'],
    ['nothing but space', '  '],
    ['a __proto__ member', '{"text":"a","__proto__":{"isAdmin":true}}'],
    ['an escaped __proto__ member', '{"text":"a","\\u005f_proto__":1}'],
  ])('%s is refused with 400 malformed_json', async (_name, text) => {
    expect((await post(text)).body).toMatchObject({ status: 400, code: 'malformed_json' });
  });

  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['UTF-16', [0x61, 0x00, 0xff, 0xfe]],
  ])('%s is refused with 400 malformed_json, not repaired', async (_name, bytes) => {
    const body = Buffer.concat([Buffer.from('{"text":"'), Buffer.from(bytes), Buffer.from('"}')]);
    const head = `POST /notes HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await rawExchange(port, head, body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"malformed_json"');
  });
});

test.each([
  ['', '{"text":"a"}'],
  [' and an escape', '{"text":"\\u0061"}'],
  [' and a number that is looked at twice', '{"text":"a","stars":1e0}'],
])('a byte order mark%s is refused by name (RFC 8259, section 8.1)', async (_name, json) => {
  expect((await post(json)).status).toBe(200);
  const { body } = await post(`\uFEFF${json}`);
  expect(body).toMatchObject({
    status: 400,
    code: 'malformed_json',
    detail: expect.stringContaining('byte order mark'),
  });
});

describe('the shape', () => {
  test('all faults are told, each with its place', async () => {
    const { body } = await post('{"text":1,"stars":9,"colour":"red"}');
    expect(body).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: expect.arrayContaining([
        { pointer: '#/text', detail: 'must be a string' },
        expect.objectContaining({ pointer: '#/stars' }),
        { pointer: '#/colour', detail: 'unknown field' },
      ]),
    });
  });

  test('a missing field is required', async () => {
    expect((await post('{}')).body).toMatchObject({ errors: [{ pointer: '#/text', detail: 'is required' }] });
  });

  test('no body at all is a missing one', async () => {
    const { status, body } = await request('POST', '/notes');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '#', detail: 'is required' }],
    });
  });

  test('members of Object.prototype do not pass for fields', async () => {
    expect((await post('{"text":"a","constructor":1}')).body).toMatchObject({
      errors: [{ pointer: '#/constructor', detail: 'unknown field' }],
    });
    expect((await post('{"toString":"a"}')).body).toMatchObject({ status: 400 });
  });

  test('neither a value nor a name that may be one is repeated', async () => {
    const card = '4929384756102938';
    const response = await post(
      `{"text":{"card":"${card}"},"stars":${card},"${card}":1,"no${card}":1,"${card} ":1}`,
    );
    expect(response).toMatchObject({ status: 400 });
    expect(response.text).not.toContain(card);
  });

  test('ten thousand faults are answered with a hundred', async () => {
    const fields = Array.from({ length: 10_000 }, (_, index) => `"f${index}":1`).join();
    const { body, text } = await post(`{"text":"a",${fields.slice(0, 90_000).replace(/,[^,]*$/, '')}}`);
    expect(body).toMatchObject({ status: 400, errors: expect.any(Array) });
    expect(text.match(/"pointer"/g)).toHaveLength(100);
  });
});
