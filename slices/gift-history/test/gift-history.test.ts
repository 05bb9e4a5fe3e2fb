import { createCallers } from '@lab/shared/http';
import { type DatabaseEngine, eachDatabase, onDatabase, startApp } from '@lab/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { seedGifts } from '../src/sample-gifts.ts';
import { NOON_MS, openHistory } from './history-app.ts';

const page = z.object({
  items: z.array(z.object({ id: z.string(), user_id: z.string(), created_at: z.string() })),
  next_cursor: z.string().nullable(),
});

const callers = createCallers({ authTokens: new Map(), adminToken: 'operator', trustUserHeader: true });
const shopper = (userId: number) => ({ 'X-User-Id': String(userId) });

const openServer = async (engine: DatabaseEngine, options: { readonly isRestricted?: boolean } = {}) => {
  const opened = await openHistory(engine, options.isRestricted ? callers : undefined);
  const { request } = await startApp(opened.app);
  const list = async (query: string, headers: Record<string, string> = {}) =>
    page.parse((await request('GET', `/gifts?${query}`, { headers })).body);
  const ids = async (query: string, headers?: Record<string, string>) =>
    (await list(query, headers)).items.map(({ id }) => id);
  return { ...opened, request, list, ids };
};

onDatabase('postgres', (engine) => {
  it('answers 503 while all connections are in use', async () => {
    const { app, db } = await openHistory(engine, undefined, { poolSize: 1, connectionTimeoutMs: 500 });
    const { request } = await startApp(app);
    await db.transaction().execute(async () => {
      const refused = await request('GET', '/gifts');
      expect(refused).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
    });
    expect((await request('GET', '/gifts')).status).toBe(200);
  });
});

eachDatabase((engine) => {
  it('shows the newest first, and gifts of the same time in order of their ids', async () => {
    const { insert, ids } = await openServer(engine);
    const old = await insert({ created_at: NOON_MS - 1 });
    const same = [await insert(), await insert(), await insert()];
    const fresh = await insert({ created_at: NOON_MS + 1 });
    expect(await ids('')).toEqual([fresh, ...same.toSorted().toReversed(), old]);
  });

  it('filters by user, status and time; from is inclusive and to is exclusive', async () => {
    const { insert, ids } = await openServer(engine);
    const early = await insert({ created_at: NOON_MS });
    const late = await insert({ created_at: NOON_MS + 1000, user_id: '2' });
    expect(await ids('user_id=2&status=granted')).toEqual([late]);
    expect(await ids('user_id=3')).toEqual([]);
    expect(await ids('from=2026-11-20T12:00:00Z&to=2026-11-20T12:00:01Z')).toEqual([early]);
    expect(await ids('from=2026-11-20T13:00:00.001%2B01:00')).toEqual([late]);
  });

  it('compares times exactly, at any precision and distance', async () => {
    const { insert, ids } = await openServer(engine);
    const gift = await insert({ created_at: NOON_MS });
    const shows = async (query: string) => (await ids(query)).includes(gift);
    expect(await shows('from=2026-11-20T12:00:00.0000000Z')).toBe(true);
    expect(await shows('from=2026-11-20T12:00:00.0000001Z')).toBe(false);
    expect(await shows('to=2026-11-20T12:00:00.0000001Z')).toBe(true);
    expect(await shows('to=2026-11-20T12:00:00.0000000Z')).toBe(false);
    expect(await shows('from=0000-01-01T00:00:00%2B23:59&to=9999-12-31T23:59:59.999999-23:59')).toBe(true);
    expect(await shows('from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z')).toBe(false);
  });

  it('names a repeated time parameter, and explains how to write +', async () => {
    const { request } = await openServer(engine);
    const detailOf = async (query: string) => (await request('GET', `/gifts?${query}`)).body;
    expect(await detailOf('from=2026-11-20T12:00:00Z&from=2026-11-20T12:00:00Z')).toMatchObject({
      errors: [{ parameter: 'from', detail: 'must be given once' }],
    });
    expect(await detailOf('from=2026-11-20T12:00:00+01:00')).toMatchObject({
      errors: [{ parameter: 'from', detail: expect.stringContaining('%2B') }],
    });
  });

  it('refuses times without an offset and an unknown status', async () => {
    const { request } = await openServer(engine);
    for (const query of ['from=2026-11-20', 'to=2026-11-20T12:00:00', 'from=', 'status=lost', 'user_id=']) {
      const name = query.slice(0, query.indexOf('='));
      expect((await request('GET', `/gifts?${query}`)).body).toMatchObject({
        code: 'invalid_request',
        errors: [{ parameter: name }],
      });
    }
  });

  it('with callers, shows shoppers their own gifts, operators all gifts and anonymous callers none', async () => {
    const { insert, ids, request } = await openServer(engine, { isRestricted: true });
    const mine = await insert({ created_at: NOON_MS });
    const others = await insert({ created_at: NOON_MS - 1, user_id: '2' });
    expect(await ids('', shopper(1))).toEqual([mine]);
    expect(await ids('user_id=1', shopper(1))).toEqual([mine]);
    const refused = await request('GET', '/gifts?user_id=2', { headers: shopper(1) });
    expect(refused.body).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await ids('user_id=2', { 'X-Admin-Token': 'operator' })).toEqual([others]);
    expect(await ids('', { 'X-Admin-Token': 'operator' })).toEqual([mine, others]);
    expect((await request('GET', '/gifts')).status).toBe(401);
  });

  it('refuses a cursor that was issued to another shopper or to an operator', async () => {
    const { insert, list, request } = await openServer(engine, { isRestricted: true });
    for (const user_id of ['1', '1', '2', '2']) await insert({ user_id });
    const walks = [
      await list('limit=1', shopper(2)),
      await list('limit=1', { 'X-Admin-Token': 'operator' }),
      await list('limit=1&user_id=1', shopper(1)),
    ];
    for (const { next_cursor } of walks) {
      const answer = await request('GET', `/gifts?cursor=${next_cursor}`, { headers: shopper(1) });
      expect([answer.status, answer.body]).toMatchObject([400, { code: 'cursor_mismatch' }]);
    }
  });

  it('seeds an empty table once with 300 gifts of several users, and adds nothing to a table with gifts', async () => {
    const { db, insert, remove } = await openServer(engine);
    const now = () => new Date(NOON_MS);
    const users = async () =>
      (await db.selectFrom('gifts').select('user_id').execute()).map((row) => row.user_id);
    const own = await insert();
    await seedGifts(db, { now });
    expect(await users()).toEqual(['1']);
    await remove(own);
    await Promise.all([seedGifts(db, { now }), seedGifts(db, { now })]);
    await seedGifts(db, { now: () => new Date(NOON_MS + 1) });
    const seeded = await users();
    expect([seeded.length, new Set(seeded).size]).toEqual([300, 7]);
  });
});
