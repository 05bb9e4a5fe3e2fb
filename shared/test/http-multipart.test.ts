import { request as send } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { createRouter, defineRoute, multipartBody, route } from '@lab/shared/http';
import { createTestApp, startApp } from '@lab/testing';
import { describe, expect, test } from 'vitest';

const about = { name: 'one', summary: 'One', tag: 'test', path: '/one' } as const;
const text = { 200: { description: 'Text', mediaType: 'text/plain; charset=utf-8' } } as const;

describe('a multipart body', () => {
  const contract = defineRoute({
    ...about,
    method: 'POST',
    body: multipartBody({ limitBytes: 100_000, fileBytes: 50_000, fields: 2 }),
    responses: text,
  });
  const handled = route(contract).handle(async (req) => {
    const seen: string[] = [];
    for await (const part of req.body) {
      if (part.kind === 'field') seen.push(`${part.name}=${part.value}`);
      else seen.push(`${part.fileName}:${part.mediaType}:${(await readText(part.content)).length}`);
    }
    return { status: 200, text: seen.join(' ') };
  });
  const app = createTestApp([createRouter([handled])]);
  const post = async (parts: Record<string, string | Blob>) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(parts)) {
      if (typeof value === 'string') body.append(name, value);
      else body.append(name, value, '../../etc/cup.txt');
    }
    return fetch(`${(await startApp(app)).url}/one`, { method: 'POST', body });
  };
  const file = (bytes: number) => new Blob(['x'.repeat(bytes)], { type: 'text/plain' });

  test('is streamed part by part, in order', async () => {
    const answer = await post({ title: 'Cup', picture: file(50_000), note: 'red' });
    expect(await answer.text()).toBe('title=Cup cup.txt:text/plain:50000 note=red');
  });

  test.each([
    ['a file over its limit', { picture: file(50_001) }, 413],
    ['a form over its limit', { a: 'x'.repeat(60_000), picture: file(49_000) }, 413],
    ['too many fields', { a: '1', b: '2', c: '3' }, 400],
    ['too many files', { a: file(1), b: file(1) }, 400],
  ])('%s is refused', async (_name, parts, status) => {
    expect((await post(parts)).status).toBe(status);
  });

  test('a file over its limit is refused while the client is still sending it', async () => {
    const server = await startApp(app);
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b', 'Transfer-Encoding': 'chunked' };
    const client = send({ port: server.port, path: '/one', method: 'POST', headers }, (res) =>
      resolve(res.statusCode),
    );
    client.on('error', () => undefined);
    client.write('--b\r\nContent-Disposition: form-data; name="a"; filename="a.txt"\r\n\r\n');
    client.write('x'.repeat(60_000));
    expect(await promise).toBe(413);
    client.destroy();
  });

  test.each([
    ['without an end', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
    [
      'whose file is incomplete',
      '--b\r\nContent-Disposition: form-data; name="a"; filename="a.txt"\r\n\r\n1',
    ],
    ['that is none', 'nothing'],
  ])('one %s is refused with 400', async (_name, body) => {
    const server = await startApp(app);
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
    const answer = await server.request('POST', '/one', { headers, text: body });
    expect(answer.body).toMatchObject({ status: 400, code: 'malformed_multipart' });
    const unbound = await server.request('POST', '/one', {
      headers: { 'Content-Type': 'multipart/form-data' },
      text: body,
    });
    expect(unbound.body).toMatchObject({ status: 400, code: 'malformed_multipart' });
  });
});
