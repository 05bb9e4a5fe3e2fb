import { setImmediate } from 'node:timers/promises';
import { onDatabase } from '@lab/testing';
import fc from 'fast-check';
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type DatabaseOptions, transact } from '../src/database/index.ts';

interface Tables {
  entries: { id: number; parent: number | null };
}

type Trx = Transaction<Tables>;

const insert = (trx: Trx, id: number, parent: number | null = null) =>
  trx.insertInto('entries').values({ id, parent }).execute();

const idsOf = async (db: Kysely<Tables>): Promise<number[]> => {
  const rows = await db.selectFrom('entries').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
};

// A group is closed when it has been open for some time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

onDatabase('sqlite', (engine) => {
  const open = async (options: DatabaseOptions = {}) => {
    const log: string[] = [];
    const onSlowQuery = ({ sql }: { readonly sql: string }) => void log.push(sql);
    const { db } = await engine.open<Tables>({ slowQueryMs: 0, onSlowQuery, ...options });
    await sql`
      create table entries (
        id integer primary key,
        parent integer references entries (id) deferrable initially deferred
      )`.execute(db);
    log.length = 0;
    return { db, log };
  };

  it('commits those that wait together, and tells nobody of it before, not even who is refused', async () => {
    const { db, log } = await open();
    const refused = new Error('refused');
    const write = async (id: number) => {
      const work = async (trx: Trx) => {
        await insert(trx, id);
        if (id === 5) throw refused;
      };
      await transact(db, work).catch((error: unknown) => expect(error).toBe(refused));
      log.push('told');
    };
    await Promise.all(Array.from({ length: 10 }, (_, index) => write(index)));
    expect(await idsOf(db)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9]);
    const [committed = '', ...others] = log.filter((text) => text === 'commit' || text === 'told');
    expect([committed, others]).toEqual(['commit', Array.from({ length: 10 }, () => 'told')]);
  });

  it('gives each transaction what it would have alone, in order of arrival', async () => {
    const step = fc.record({ rows: fc.nat(3), pauses: fc.nat(2), fails: fc.boolean(), isLate: fc.boolean() });
    const walk = fc.array(step, { minLength: 1, maxLength: 12 });
    const run = fc.asyncProperty(walk, async (steps) => {
      const { db } = await open();
      let count = 0;
      const outcomes = steps.map(async ({ rows, pauses, fails, isLate }, place) => {
        if (isLate) await setImmediate();
        return transact(db, async (trx) => {
          expect(await idsOf(trx)).toHaveLength(count);
          for (let row = 0; row < rows; row += 1) await insert(trx, place * 10 + row);
          for (let pause = 0; pause < pauses; pause += 1) await setImmediate();
          if (fails) throw new Error(`failed ${place}`);
          count += rows;
        });
      });
      const settled = await Promise.allSettled(outcomes);
      expect(settled.map(({ status }) => status === 'rejected')).toEqual(steps.map(({ fails }) => fails));
      const ids = steps.flatMap(({ rows, fails }, place) =>
        Array.from({ length: fails ? 0 : rows }, (_, row) => place * 10 + row),
      );
      expect(await idsOf(db)).toEqual(ids);
      await db.destroy();
    });
    await fc.assert(run, { numRuns: 40 });
  });

  it('runs the others again if SQLite gives up the group because of one', async () => {
    const { db } = await open();
    await transact(db, (trx) => insert(trx, 100));
    let runs = 0;
    const write = (id: number) =>
      transact(db, async (trx) => {
        runs += 1;
        await insert(trx, id);
      });
    const spoil = () =>
      transact(db, async (trx) => {
        await insert(trx, 50);
        await sql`insert or rollback into entries values (100, null)`.execute(trx);
      });
    const [first, spoiled, last] = await Promise.allSettled([write(1), spoil(), write(2)]);
    expect([first.status, last.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(spoiled).toMatchObject({ reason: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' } });
    expect(await idsOf(db)).toEqual([1, 2, 100]);
    expect(runs).toBe(3);
  });

  it('finds the one whose commit fails, and commits the others', async () => {
    const { db } = await open();
    // Without a pause the three would meet again.
    const write = (id: number, parent: number | null) =>
      transact(db, (trx) => insert(trx, id, parent), { sleep: async () => undefined });
    const settled = await Promise.allSettled([write(1, null), write(2, 77), write(3, null)]);
    expect(settled).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } },
      { status: 'fulfilled' },
    ]);
    expect(await idsOf(db)).toEqual([1, 3]);
  });

  it('gives up a transaction that waits for something else, and commits those around it', async () => {
    const { db } = await open({ idleInTransactionTimeoutMs: 50 });
    const forever = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    const write = (id: number) => transact(db, (trx) => insert(trx, id));
    const hanging = transact(db, async (trx) => {
      await insert(trx, 50);
      await forever.promise;
      late = insert(trx, 51);
      await late;
    });
    await Promise.all([write(1), write(2)]);
    expect(await idsOf(db)).toEqual([1, 2]);
    forever.resolve();
    await expect(hanging).rejects.toMatchObject({
      trouble: 'connection_lost',
      cause: { message: expect.stringContaining('idle for 50 ms') },
    });
    await expect(late).rejects.toMatchObject({ trouble: 'connection_lost' });
    expect(await idsOf(db)).toEqual([1, 2]);
  });

  it('finishes the group before it closes the database', async () => {
    const { db, log } = await open();
    const writes = [1, 2, 3].map((id) => transact(db, (trx) => insert(trx, id)));
    await setImmediate();
    await Promise.all([...writes, db.destroy()]);
    expect(log.filter((text) => text === 'commit')).not.toHaveLength(0);
  });
});
