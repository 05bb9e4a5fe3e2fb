import { hash, randomUUIDv7 } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eachDatabase, listConformance } from '@lab/testing';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { canonicalEntry, sealAfter } from '../src/audit/audit-chain.ts';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import { completeBatch, insertBatch } from '../src/audit/audit-statements.ts';
import { openNotedApp, operator, startNotedApp } from './noted-app.ts';
import { completionOf, startedEntry } from './sample-entries.ts';
import { dropTriggers } from './tampering.ts';

listConformance({
  path: '/audit',
  queries: ['', 'actor=operator', 'request_id=same', 'outcome=succeeded', 'actor=operator&outcome=succeeded'],
  headers: operator,
  walks: 4,
  open: async (engine) => {
    const { app, db } = await openNotedApp(engine, { env: { AUDIT_SEAL_MS: '20' } });
    await dropTriggers(db);
    return {
      app,
      insert: async (index) => {
        const entry = { ...startedEntry(index), id: randomUUIDv7(), actor: 'operator', requestId: 'same' };
        await insertBatch(db, [entry]);
        await completeBatch(db, [completionOf(entry)]);
        return entry.id;
      },
      remove: async (id) => {
        await db.deleteFrom('audit_pending').where('id', '=', id).execute();
        await db.deleteFrom('audit_entries').where('id', '=', id).execute();
      },
    };
  },
});

const verdict = z.object({ entries: z.number(), head: z.string() });

eachDatabase((engine) => {
  describe('GET /audit/verify', () => {
    const open = async (env = {}) => {
      const opened = await startNotedApp(engine, { env });
      const entries = Array.from({ length: 20 }, (_, index) => startedEntry(index));
      await insertBatch(opened.db, entries);
      await completeBatch(opened.db, entries.map(completionOf));
      while ((await sealBatch(opened.db)) > 0);
      return opened;
    };

    it('says that the trail is whole, how long it is, and what is not sealed', async () => {
      const { verify, db } = await open();
      const whole = await verify();
      expect(whole).toMatchObject({ ok: true, entries: 20, unsealed: 0 });
      const { head, entries } = verdict.parse(whole);
      await insertBatch(db, [startedEntry(20)]);
      expect(await verify(`head=${head}&entries=${entries}`)).toEqual({
        ok: true,
        entries,
        head,
        unsealed: 1,
      });
    });

    it('finds the first bad entry, and with a kept head a tail that was cut', async () => {
      const { verify, db } = await open();
      const { head, entries } = verdict.parse(await verify());
      await dropTriggers(db);
      await sql`delete from audit_entries where seq > 15`.execute(db);
      expect(await verify()).toEqual({ ok: false, first_bad_seq: 16 });
      const last = await db
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '=', 15)
        .executeTakeFirstOrThrow();
      await db.updateTable('audit_head').set({ seq: 15, hash: last.hash }).execute();
      expect(await verify()).toMatchObject({ ok: true, entries: 15 });
      expect(await verify(`head=${head}&entries=${entries}`)).toEqual({ ok: false, first_bad_seq: 16 });
      await db.updateTable('audit_entries').set({ actor: 'nobody' }).where('seq', '=', 3).execute();
      expect(await verify()).toEqual({ ok: false, first_bad_seq: 3 });
    });

    it('wants both parts of a head or none, and an operator', async () => {
      const { request } = await open();
      const statusOf = async (query: string, headers: Record<string, string>) =>
        (await request('GET', `/audit/verify${query}`, { headers })).status;
      expect(await statusOf('?entries=1', operator)).toBe(400);
      expect(await statusOf(`?head=${'0'.repeat(64)}`, operator)).toBe(400);
      expect(await statusOf('', {})).toBe(401);
      expect(await statusOf('', { 'X-User-Id': '1' })).toBe(403);
    });

    it('finds what the file outside of the database shows, and a file that someone else has written', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lab-audit-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'head.json');
      const { verify, db } = await open({ AUDIT_HEAD_FILE: file, AUDIT_KEY: 'a key that nobody knows' });
      await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 5000 }).toContain('"entries":20,');
      expect(await verify()).toMatchObject({ ok: true, entries: 20 });
      await dropTriggers(db);
      await sql`delete from audit_entries where seq > 15`.execute(db);
      const last = await db
        .selectFrom('audit_entries')
        .selectAll()
        .where('seq', '=', 15)
        .executeTakeFirstOrThrow();
      await db.updateTable('audit_head').set({ seq: 15, hash: last.hash }).execute();
      expect(await verify()).toEqual({ ok: false, first_bad_seq: 16 });
      writeFileSync(file, JSON.stringify({ entries: 15, head: last.hash, signature: '0'.repeat(64) }));
      expect(await verify()).toEqual({ ok: false, first_bad_seq: 16 });
    });
  });

  it('shows what anyone needs to compute the chain', async () => {
    const { request, write, audit } = await startNotedApp(engine);
    await write('write');
    await expect.poll(async () => (await audit())[0]?.seq).toBe(1);
    const { body } = await request('GET', '/audit', { headers: operator });
    const [shown] = z.object({ items: z.array(z.record(z.string(), z.unknown())) }).parse(body).items;
    const { prev_hash, hash: seal, ...rest } = shown ?? {};
    const sorted = Object.fromEntries(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    expect(hash('sha256', `${prev_hash}${JSON.stringify(sorted)}`)).toBe(seal);
  });
});

it('hashes the text that RFC 8785 describes', () => {
  const { writer: _, ...started } = startedEntry(1);
  const fact = { ...started, ...completionOf(started) };
  expect(canonicalEntry(fact, 7)).toBe(
    '{"action":"action1","actor":"shopper:1","at":"2026-11-20T12:00:00.001Z","attempts":1,"duration_ms":3,"id":"019a0000-0000-7000-8000-000000000001","outcome":"succeeded","request_id":"request-1","resource":"/things/1","seq":7,"status":200,"trace_id":"00000000000000000000000000000001"}',
  );
  expect(sealAfter({ seq: 6, hash: 'f'.repeat(64) }, fact)).toMatchObject({
    seq: 7,
    prevHash: 'f'.repeat(64),
  });
});
