import { type Executor, migrate, openDatabase } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase, onDatabase, openTcpRelay } from '@lab/testing';
import type { Kysely, KyselyPlugin } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { sealAfter } from '../src/audit/audit-chain.ts';
import { sealBatch } from '../src/audit/audit-sealer.ts';
import {
  type AuditTables,
  completeBatch,
  findFinal,
  fromRow,
  insertBatch,
  moveHead,
  moveSealed,
  readHead,
} from '../src/audit/audit-statements.ts';
import { verifyChain } from '../src/audit/audit-verify.ts';
import { auditMigrations } from '../src/index.ts';
import { completionOf, startedEntry } from './sample-entries.ts';

const ENTRIES = 40;

const addEntries = async (db: Kysely<AuditTables>, from: number): Promise<void> => {
  const entries = Array.from({ length: ENTRIES }, (_, index) => startedEntry(from + index));
  await insertBatch(db, entries);
  await completeBatch(db, entries.map(completionOf));
};

const openTrail = async (engine: DatabaseEngine) => {
  const opened = await engine.open<AuditTables>();
  await migrate(opened.db, [auditMigrations]);
  await addEntries(opened.db, 0);
  return opened;
};

/** Calls the function when a query builder is about to move the head, the last thing that a sealer does. */
const atItsLastStatement = (stall: () => void): KyselyPlugin => ({
  transformQuery: ({ node }) => {
    if (node.kind === 'UpdateQueryNode') stall();
    return node;
  },
  transformResult: async ({ result }) => result,
});

const wholeChain = async (db: Executor<AuditTables>, length: number): Promise<void> => {
  expect(await verifyChain(db)).toMatchObject({ ok: true, head: { seq: length } });
  const ids = (await db.selectFrom('audit_entries').select('id').execute()).map(({ id }) => id);
  expect(new Set(ids).size).toBe(length);
  expect(await db.selectFrom('audit_pending').selectAll().execute()).toEqual([]);
};

onDatabase('postgres', (engine) => {
  it('takes over from a sealer that hangs in its transaction, and the chain does not fork when it wakes up', async () => {
    const { db, url } = await openTrail(engine);
    const relay = await openTcpRelay(url);
    const connected = openDatabase<AuditTables>(relay.url, { idleInTransactionTimeoutMs: 500 });
    onTestFinished(() => connected.destroy());
    const hanging = Promise.withResolvers<void>();
    const leader = connected.withPlugin(
      atItsLastStatement(() => {
        relay.freeze();
        hanging.resolve();
      }),
    );
    const sealing = sealBatch(leader).then(
      () => 'sealed',
      () => 'failed',
    );
    await hanging.promise;
    await addEntries(db, ENTRIES);
    // As long as the database waits for the leader, others find its lock and leave the batch to it.
    await expect.poll(() => sealBatch(db), { timeout: 10_000 }).toBe(2 * ENTRIES);
    relay.restore();
    expect(await sealing).toBe('failed');
    await wholeChain(db, 2 * ENTRIES);
  });
});

eachDatabase((engine) => {
  it('refuses what a sealer brings that has slept without its lock', async () => {
    const { db } = await openTrail(engine);
    const head = await readHead(db);
    const [first] = await findFinal(db, { count: 1 });
    if (first === undefined) throw new Error('there is nothing to seal');
    const seal = sealAfter(head, fromRow(first));
    expect(await sealBatch(db)).toBe(ENTRIES);
    await moveSealed(db, [{ id: first.id, ...seal }]);
    expect(await moveHead(db, head, seal)).toBe(false);
    await wholeChain(db, ENTRIES);
  });
});
