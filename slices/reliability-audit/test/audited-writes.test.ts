import { transact } from '@lab/shared/database';
import { eachDatabase, onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type NotedAppOptions, operator, startNotedApp } from './noted-app.ts';

eachDatabase((engine) => {
  describe('an audited write', () => {
    it('leaves one entry with who, what, where and how it ended, which is sealed soon', async () => {
      const { write, audit } = await startNotedApp(engine);
      const { status, headers } = await write('write');
      expect(status).toBe(201);
      const request_id = headers.get('x-request-id');
      expect(await audit()).toMatchObject([{ actor: 'shopper:1', action: 'writeNote', request_id }]);
      await expect.poll(async () => (await audit())[0]?.hash).toMatch(/^[\da-f]{64}$/);
      expect(await audit(`request_id=${request_id}`)).toMatchObject([
        { seq: 1, resource: '/notes/first/write', outcome: 'succeeded', status: 201 },
      ]);
    });

    it.each([
      'write',
      'write twice',
      'write in parallel',
      'join a transaction',
      'write, then refuse',
      'roll back, then write',
    ])('leaves one entry: %s', async (way) => {
      const { write, audit, verify } = await startNotedApp(engine);
      const { status } = await write(way);
      await expect.poll(async () => (await audit()).map(({ seq }) => seq)).toEqual([1]);
      expect(await audit()).toMatchObject([{ status, outcome: status === 201 ? 'succeeded' : 'failed' }]);
      expect(await verify()).toMatchObject({ ok: true, entries: 1, unsealed: 0 });
    });

    it.each(['read', 'roll back', 'refuse'])('leaves no entry where nothing is stored: %s', async (way) => {
      const { write, audit, db } = await startNotedApp(engine);
      await write(way);
      await write('write');
      expect(await write('write')).toMatchObject({ status: 201 });
      await expect.poll(async () => (await audit()).map(({ seq }) => seq)).toEqual([1]);
      expect(await db.selectFrom('notes').selectAll().execute()).toEqual([{ id: 'first' }]);
    });

    it('shows the entry of each acknowledged write at once', async () => {
      const { write, audit } = await startNotedApp(engine);
      await Promise.all(Array.from({ length: 60 }, (_, index) => write('write', `n${index}`)));
      expect(new Set((await audit('limit=100')).map(({ resource }) => resource)).size).toBe(60);
    });

    it('holds neither card numbers nor tokens nor the query', async () => {
      const { request, audit } = await startNotedApp(engine);
      const token = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
      await request('POST', `/notes/${token}/write?secret=1`, { headers: { 'X-User-Id': '7' } });
      await request('POST', '/notes/4111111111111111/write', { headers: { 'X-User-Id': '7' } });
      expect((await audit('actor=shopper:7')).map(({ resource }) => resource)).toEqual([
        '/notes/[card]/write',
        '/notes/[token]/write',
      ]);
    });
  });

  describe('a request that changes what is in no database', () => {
    it('leaves one entry, which is on disk before anything is changed', async () => {
      const { request, audit, forgotten } = await startNotedApp(engine);
      const forget = async (name: string) =>
        (await request('DELETE', `/caches/${name}`, { headers: operator })).status;
      expect([await forget('small'), await forget('sacred')]).toEqual([204, 409]);
      expect((await request('DELETE', '/caches/large')).status).toBe(401);
      expect(forgotten).toEqual(['small']);
      const outcomes = async () => (await audit()).map(({ resource, outcome }) => `${resource} ${outcome}`);
      await expect.poll(outcomes).toEqual(['/caches/sacred failed', '/caches/small succeeded']);
      expect(await audit()).toMatchObject([{ status: 409 }, { actor: 'operator', action: 'forgetCache' }]);
    });

    it('is refused if it cannot be recorded', async () => {
      const { request, db, forgotten } = await startNotedApp(engine);
      await sql`alter table audit_pending rename to audit_pending_elsewhere`.execute(db);
      const { body } = await request('DELETE', '/caches/small', { headers: operator });
      expect(body).toMatchObject({ status: 503, code: 'audit_unavailable' });
      expect(forgotten).toEqual([]);
      await sql`alter table audit_pending_elsewhere rename to audit_pending`.execute(db);
    });
  });

  it('is completed also while nothing can be sealed, and sealed afterwards', async () => {
    const { write, audit, db, verify } = await startNotedApp(engine, { env: { AUDIT_SEAL_MS: '20' } });
    await sql`alter table audit_head rename to audit_head_elsewhere`.execute(db);
    await write('write');
    await write('write', 'second');
    const read = async () =>
      (await db.selectFrom('audit_pending').select('outcome').execute()).map(({ outcome }) => outcome);
    await expect.poll(read).toEqual(['succeeded', 'succeeded']);
    await sql`alter table audit_head_elsewhere rename to audit_head`.execute(db);
    await expect.poll(async () => (await audit()).map(({ seq }) => seq)).toEqual([2, 1]);
    expect(await verify()).toMatchObject({ ok: true, entries: 2, unsealed: 0 });
  });

  describe('with the trail gone', () => {
    it('refuses writes and stores nothing, if AUDIT_FAILURE is closed', async () => {
      const { write, db } = await startNotedApp(engine);
      await sql`alter table audit_pending rename to audit_pending_elsewhere`.execute(db);
      expect((await write('write')).body).toMatchObject({ status: 503, code: 'audit_unavailable' });
      expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
      expect((await write('read')).status).toBe(201);
      await sql`alter table audit_pending_elsewhere rename to audit_pending`.execute(db);
      expect((await write('write')).status).toBe(201);
    });

    it('lets writes pass, if AUDIT_FAILURE is open', async () => {
      const { write, db, audit } = await startNotedApp(engine, { env: { AUDIT_FAILURE: 'open' } });
      await sql`alter table audit_pending rename to audit_pending_elsewhere`.execute(db);
      expect((await write('write')).status).toBe(201);
      expect(await db.selectFrom('notes').selectAll().execute()).toEqual([{ id: 'first' }]);
      await sql`alter table audit_pending_elsewhere rename to audit_pending`.execute(db);
      expect((await write('write', 'second')).status).toBe(201);
      await expect.poll(async () => (await audit()).map(({ seq }) => seq)).toEqual([1]);
    });
  });
});

onDatabase('postgres', (engine) => {
  it('leaves one entry of each request whose transaction ran again after a conflict', async () => {
    const CLIENTS = 3;
    const allHaveRead = Promise.withResolvers<void>();
    let runs = 0;
    // All have read the table before one of them adds to it, so only one can commit at first (40001 for the others).
    const way: NotedAppOptions['way'] = (db, id) =>
      transact(
        db,
        async (trx) => {
          runs += 1;
          await trx.selectFrom('notes').selectAll().execute();
          if (runs === CLIENTS) allHaveRead.resolve();
          await allHaveRead.promise;
          await trx.insertInto('notes').values({ id }).execute();
        },
        { isolation: 'serializable', attempts: 20 },
      );
    const { write, audit, verify, db } = await startNotedApp(engine, { way });
    const answers = await Promise.all(['a', 'b', 'c'].map((id) => write('write', id)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(runs).toBeGreaterThan(CLIENTS);
    const ids = answers.map(({ headers }) => headers.get('x-request-id')).toSorted();
    await expect.poll(() => verify()).toMatchObject({ ok: true, entries: CLIENTS, unsealed: 0 });
    const entries = await audit();
    expect(entries.map(({ request_id }) => request_id).toSorted()).toEqual(ids);
    expect(entries.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(await db.selectFrom('notes').select('id').orderBy('id').execute()).toHaveLength(CLIENTS);
  });
});
