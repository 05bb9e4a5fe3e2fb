import { eachDatabase, type TestResponse } from '@lab/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { alice, bob, operator, startDemo } from './demo-app.ts';

const page = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

const codeOf = ({ status, body }: TestResponse): string =>
  `${status} ${z.object({ code: z.string() }).parse(body).code}`;

const FOR_ALICE = { user_id: '1', sku: 'MOCHI-6', message: 'Enjoy!' };

eachDatabase((engine) => {
  const open = async () => {
    const { request } = await startDemo(engine);
    const grant = (key: string, json: unknown = FOR_ALICE, as: Record<string, string> = operator) =>
      request('POST', '/gift', { headers: { ...as, 'Idempotency-Key': key }, json });
    const list = async (headers: Record<string, string>, query = '') =>
      page.parse((await request('GET', `/gifts${query}`, { headers })).body).items;
    return { request, grant, list };
  };

  test('a granted gift is in the history of its owner and of operators, but not of other shoppers', async () => {
    const { request, grant, list } = await open();
    const granted = await grant('first');
    expect(granted.status).toBe(201);
    const forBob = await grant('second', { ...FOR_ALICE, user_id: '2' });
    expect(await list(alice)).toEqual([granted.body]);
    expect(await list(bob)).toEqual([forBob.body]);
    expect(codeOf(await request('GET', '/gifts?user_id=1', { headers: bob }))).toBe('403 forbidden');
    expect(await list(operator)).toEqual(expect.arrayContaining([granted.body, forBob.body]));
    const path = granted.headers.get('location') ?? '';
    const read = (headers: Record<string, string>) => request('GET', path, { headers });
    expect((await read(alice)).text).toBe(granted.text);
    expect((await read(operator)).text).toBe(granted.text);
    expect(codeOf(await read(bob))).toBe('404 gift_not_found');
    expect(codeOf(await read({}))).toBe('401 missing_credentials');
    expect(codeOf(await request('GET', '/gifts'))).toBe('401 missing_credentials');
  });

  test('a repeat gets the same status, location and bytes, and grants nothing', async () => {
    const { grant, list } = await open();
    const first = await grant('again');
    const repeat = await grant('again');
    expect(repeat.headers.get('idempotent-replayed')).toBe('true');
    const fixed = ({ status, headers, text }: TestResponse) => [status, headers.get('location'), text];
    expect(fixed(repeat)).toEqual(fixed(first));
    expect(codeOf(await grant('again', { ...FOR_ALICE, sku: 'OTHER' }))).toBe('409 idempotency_key_reused');
    expect(await list(operator)).toHaveLength(1);
  });

  test('a shopper, an anonymous caller and a wrong token grant nothing and leave the key free', async () => {
    const { grant, list } = await open();
    expect(codeOf(await grant('mine', FOR_ALICE, alice))).toBe('403 forbidden');
    expect(codeOf(await grant('mine', FOR_ALICE, {}))).toBe('401 missing_credentials');
    expect(codeOf(await grant('mine', FOR_ALICE, { 'X-Admin-Token': 'guessed' }))).toBe('401 invalid_token');
    expect(await list(operator)).toEqual([]);
    expect((await grant('mine')).headers.has('idempotent-replayed')).toBe(false);
  });

  test('a cursor cannot be used for another list or by another caller', async () => {
    const { request, grant } = await open();
    for (const key of ['a', 'b']) await grant(key);
    const { next_cursor: cursor } = z
      .object({ next_cursor: z.string() })
      .parse((await request('GET', '/gifts?limit=1', { headers: operator })).body);
    const as = (headers: Record<string, string>) => request('GET', `/gifts?cursor=${cursor}`, { headers });
    expect((await as(operator)).status).toBe(200);
    expect(codeOf(await as(alice))).toBe('400 cursor_mismatch');
    expect(codeOf(await request('GET', `/products?cursor=${cursor}`))).toBe('400 invalid_cursor');
  });
});
