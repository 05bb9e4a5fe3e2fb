import { migrate } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import { type AuditTables, completeBatch, insertBatch } from '../src/audit/audit-statements.ts';
import { verifyChain } from '../src/audit/audit-verify.ts';
import { auditMigrations } from '../src/index.ts';
import { completionOf, startedEntry } from './sample-entries.ts';

/** Two sealed entries, one that is completed, and one that is started. */
const openTrail = async (engine: DatabaseEngine) => {
  const { db } = await engine.open<AuditTables>();
  await migrate(db, [auditMigrations]);
  await insertBatch(db, [startedEntry(1), startedEntry(2)]);
  await completeBatch(db, [startedEntry(1), startedEntry(2)].map(completionOf));
  expect(await sealBatch(db)).toBe(2);
  await insertBatch(db, [startedEntry(3), startedEntry(4)]);
  await completeBatch(db, [completionOf(startedEntry(3))]);
  return db;
};

const onBoth = [
  `update audit_entries set actor = 'nobody' where seq = 1`,
  `update audit_entries set seq = 7 where seq = 2`,
  `delete from audit_entries where seq = 2`,
  `delete from audit_entries`,
  `update audit_pending set actor = 'nobody' where outcome = 'started'`,
  `update audit_pending set actor = 'nobody', outcome = 'succeeded' where outcome = 'started'`,
  `update audit_pending set outcome = 'failed' where outcome = 'succeeded'`,
  `update audit_pending set outcome = 'started' where outcome = 'succeeded'`,
  `delete from audit_pending where outcome = 'started'`,
  `delete from audit_pending`,
  `update audit_head set seq = 1`,
  `update audit_head set seq = 2, hash = 'x'`,
  `delete from audit_head`,
];

const onOne = {
  sqlite: [
    `insert or replace into audit_entries select 2, id, at, actor, 'nothing', resource, outcome, status, attempts,
      duration_ms, request_id, trace_id, prev_hash, hash from audit_entries where seq = 2`,
    `update or replace audit_entries set seq = 1 where seq = 2`,
  ],
  postgres: ['truncate audit_entries', 'truncate audit_pending', 'truncate audit_head'],
};

eachDatabase((engine) => {
  it('refuses to change or delete what the trail holds', async () => {
    const db = await openTrail(engine);
    const everything = async () => [
      await db.selectFrom('audit_entries').selectAll().orderBy('seq').execute(),
      await db.selectFrom('audit_pending').selectAll().orderBy('id').execute(),
      await db.selectFrom('audit_head').selectAll().execute(),
    ];
    const before = await everything();
    for (const statement of [...onBoth, ...onOne[engine.name]]) {
      await expect(sql.raw(statement).execute(db), statement).rejects.toThrow('the audit trail refuses this');
    }
    expect(await everything()).toEqual(before);
  });

  it('completes an entry once, and seals only what is completed', async () => {
    const db = await openTrail(engine);
    await completeBatch(db, [{ ...completionOf(startedEntry(3)), outcome: 'failed' }]);
    expect(await sealBatch(db)).toBe(1);
    expect(await sealBatch(db)).toBe(0);
    const sealed = await db.selectFrom('audit_entries').select(['id', 'outcome']).orderBy('seq').execute();
    expect(sealed.at(-1)).toEqual({ id: startedEntry(3).id, outcome: 'succeeded' });
    const pending = await db.selectFrom('audit_pending').select(['id', 'outcome']).execute();
    expect(pending).toEqual([{ id: startedEntry(4).id, outcome: 'started' }]);
    expect(await verifyChain(db)).toMatchObject({ ok: true, head: { seq: 3 } });
  });
});
