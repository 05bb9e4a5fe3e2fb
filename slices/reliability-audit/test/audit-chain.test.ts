import { migrate, transact } from '@lab/shared/database';
import { createSeededRandom, type DatabaseEngine, eachDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { emptyChain, follows, type Seal, sealAfter } from '../src/audit/audit-chain.ts';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import { type AuditTables, completeBatch, fromRow, insertBatch } from '../src/audit/audit-statements.ts';
import { verifyChain } from '../src/audit/audit-verify.ts';
import { auditMigrations } from '../src/index.ts';
import { completionOf, startedEntry } from './sample-entries.ts';
import { dropTriggers } from './tampering.ts';

// The full proof, with FULL_PROOF=1, takes some minutes.
const isFull = process.env.FULL_PROOF === '1';
const ENTRIES = isFull ? 10_000 : 700;
const TAMPERED = isFull ? 60 : 6;
const SEED = 20_261_128;

type EntryRow = AuditTables['audit_entries'];

/** A sealed trail. Its triggers are gone, as if someone with all rights had dropped them. */
const openSealed = async (engine: DatabaseEngine) => {
  const { db } = await engine.openForSuite<AuditTables>();
  await migrate(db, [auditMigrations]);
  const entries = Array.from({ length: ENTRIES }, (_, index) => startedEntry(index));
  await insertBatch(db, entries);
  await completeBatch(db, entries.map(completionOf));
  while ((await sealBatch(db)) > 0);
  await dropTriggers(db);
  return db;
};

const other = (value: string | number | null): string | number =>
  typeof value === 'string' ? `${value.slice(0, -1)}x` : (value ?? 0) + 1;

const columns = [
  'id',
  'at',
  'actor',
  'action',
  'resource',
  'status',
  'attempts',
  'duration_ms',
  'request_id',
  'trace_id',
  'prev_hash',
  'hash',
] as const satisfies readonly (keyof EntryRow)[];

type Tamper = (db: Kysely<AuditTables>, seq: number, random: () => number) => Promise<unknown>;

const entry = (db: Kysely<AuditTables>, seq: number) =>
  db.selectFrom('audit_entries').selectAll().where('seq', '=', seq).executeTakeFirstOrThrow();

const flip: Tamper = async (db, seq, random) => {
  const column = columns[Math.floor(random() * columns.length)] ?? 'hash';
  const value = other((await entry(db, seq))[column]);
  await sql`update audit_entries set ${sql.ref(column)} = ${value} where seq = ${seq}`.execute(db);
};

const remove: Tamper = (db, seq) => db.deleteFrom('audit_entries').where('seq', '=', seq).execute();

/** Removes an entry and closes the gap, with all numbers as they should be. */
const removeAndClose: Tamper = async (db, seq) => {
  await remove(db, seq, Math.random);
  await sql`update audit_entries set seq = -(seq - 1) where seq > ${seq}`.execute(db);
  await sql`update audit_entries set seq = -seq where seq < 0`.execute(db);
};

const swap: Tamper = async (db, seq) => {
  const next = seq === ENTRIES ? 1 : seq + 1;
  const move = (from: number, to: number) =>
    db.updateTable('audit_entries').set({ seq: to }).where('seq', '=', from).execute();
  await move(seq, -1);
  await move(next, seq);
  await move(-1, next);
};

const cut: Tamper = (db, seq) => db.deleteFrom('audit_entries').where('seq', '>=', seq).execute();

/** Cuts the tail, and moves the head back with it: only a head that was kept elsewhere can show that. */
const cutWithHead: Tamper = async (db, seq) => {
  const before = seq === 1 ? emptyChain : await entry(db, seq - 1);
  await cut(db, seq, Math.random);
  await db
    .updateTable('audit_head')
    .set({ seq: seq - 1, hash: before.hash })
    .execute();
};

/** Changes an entry and computes all later hashes anew. */
const rewrite: Tamper = async (db, seq) => {
  await db.updateTable('audit_entries').set({ actor: 'somebody else' }).where('seq', '=', seq).execute();
  let head = seq === 1 ? emptyChain : await entry(db, seq - 1);
  const rest = db.selectFrom('audit_entries').selectAll().where('seq', '>=', seq).orderBy('seq');
  for (const row of await rest.execute()) {
    const { prevHash: prev_hash, hash } = sealAfter(head, fromRow(row));
    await db.updateTable('audit_entries').set({ prev_hash, hash }).where('seq', '=', row.seq).execute();
    head = { seq: row.seq, hash };
  }
  await db.updateTable('audit_head').set({ hash: head.hash }).execute();
};

class RolledBack extends Error {}

eachDatabase((engine) => {
  describe('the chain', { timeout: 900_000 }, () => {
    let db: Kysely<AuditTables>;
    let head: { seq: number; hash: string };

    beforeAll(async () => {
      db = await openSealed(engine);
      const verdict = await verifyChain(db);
      head = verdict.ok ? verdict.head : emptyChain;
    }, 120_000);

    /** The verdict on a tampered trail. What was done to it is rolled back. */
    const verdictOn = async (tamper: Tamper, seq: number, random: () => number) => {
      let verdict: unknown;
      const work = transact(db, async (trx) => {
        await tamper(trx, seq, random);
        verdict = await verifyChain(trx, { kept: [head] });
        throw new RolledBack();
      });
      await expect(work).rejects.toBeInstanceOf(RolledBack);
      return verdict;
    };

    it('is whole as long as nobody touches it', async () => {
      expect(head.seq).toBe(ENTRIES);
      expect(await verifyChain(db, { kept: [head] })).toEqual({ ok: true, head });
    });

    it.each([
      ['changed in any column', flip],
      ['deleted', remove],
      ['deleted, with the numbers behind it closed up', removeAndClose],
      ['swapped with its neighbor', swap],
      ['cut off with all that follow', cut],
    ])('shows each entry that is %s, and which is the first', async (_what, tamper) => {
      const random = createSeededRandom(SEED);
      const chosen = [
        1,
        ENTRIES,
        ...Array.from({ length: TAMPERED }, () => 1 + Math.floor(random() * ENTRIES)),
      ];
      for (const seq of chosen) {
        const firstBadSeq = tamper === swap && seq === ENTRIES ? 1 : seq;
        expect(await verdictOn(tamper, seq, random)).toEqual({ ok: false, firstBadSeq });
      }
    });

    it('shows a cut tail and a rewritten end to whoever has kept a head', async () => {
      for (const seq of [1, Math.floor(ENTRIES / 2), ENTRIES]) {
        expect(await verdictOn(cutWithHead, seq, Math.random)).toEqual({ ok: false, firstBadSeq: seq });
      }
      expect(await verdictOn(rewrite, ENTRIES - 5, Math.random)).toEqual({ ok: false, firstBadSeq: ENTRIES });
    });

    it('(detector) cannot show a rewritten end without a head that was kept', async () => {
      let verdict: unknown;
      const work = transact(db, async (trx) => {
        await rewrite(trx, ENTRIES - 5, Math.random);
        verdict = await verifyChain(trx);
        throw new RolledBack();
      });
      await expect(work).rejects.toBeInstanceOf(RolledBack);
      expect(verdict).toMatchObject({ ok: true, head: { seq: ENTRIES } });
    });
  });
});

type Fact = ReturnType<typeof fromRow>;

const flips: readonly ((fact: Fact) => Fact)[] = [
  (fact) => ({ ...fact, actor: `${fact.actor}x` }),
  (fact) => ({ ...fact, resource: fact.resource.slice(1) }),
  (fact) => ({ ...fact, outcome: 'failed' }),
  (fact) => ({ ...fact, status: (fact.status ?? 0) + 1 }),
  (fact) => ({ ...fact, at: fact.at - 1 }),
];

interface Sealed {
  readonly fact: Fact;
  readonly seal: Seal;
}

/** The first place where a list of entries does not follow. All before `from` are known to. */
const firstBad = (entries: readonly Sealed[], from = 0): number => {
  let head = entries[from - 1]?.seal ?? emptyChain;
  for (const each of entries.slice(from)) {
    if (!follows(head, each)) break;
    head = each.seal;
  }
  return head.seq + 1;
};

describe('a chain in memory', { timeout: 900_000 }, () => {
  const count = 10_000;
  const sealed: Sealed[] = [];
  for (let index = 0; index < count; index += 1) {
    const { writer: _, ...started } = startedEntry(index);
    const fact = { ...started, ...completionOf(started) };
    sealed.push({ fact, seal: sealAfter(sealed.at(-1)?.seal ?? emptyChain, fact) });
  }

  it(`shows each of ${count} entries that is flipped, deleted, swapped or cut`, () => {
    expect(firstBad(sealed)).toBe(count + 1);
    const missed: string[] = [];
    const mustShow = (what: string, index: number, tampered: readonly Sealed[]): void => {
      // Before it, nothing has changed. A cut tail is whole in itself, and shorter than the head says.
      if (firstBad(tampered, index) !== index + 1) missed.push(`${what} ${index + 1}`);
    };
    for (const [index, { fact, seal }] of sealed.entries()) {
      for (const change of flips)
        mustShow('flipped', index, sealed.with(index, { fact: change(fact), seal }));
      mustShow('deleted', index, sealed.toSpliced(index, 1));
      mustShow('cut', index, sealed.slice(0, index));
      const next = sealed[index + 1];
      if (next) mustShow('swapped', index, sealed.with(index, next).with(index + 1, { fact, seal }));
    }
    expect(missed).toEqual([]);
  });
});
