import { onDatabase } from '@lab/testing';
import { type Kysely, sql, type Transaction } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGroupCommit } from '../src/database/group-commit.ts';
import { afterCommit, transact } from '../src/database/index.ts';
import { createTurns } from '../src/database/turns.ts';

interface Tables {
  entries: { id: number; parent: number | null };
}

// A group is closed when it has been open for some time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

onDatabase('sqlite', (engine) => {
  const open = async () => {
    const { db } = await engine.open<Tables>();
    await sql`
      create table entries (
        id integer primary key,
        parent integer references entries (id) deferrable initially deferred
      )`.execute(db);
    return db;
  };

  /** Without a pause, so that those that were given up meet again if they can. */
  const write = (db: Kysely<Tables>, work: (trx: Transaction<Tables>) => Promise<unknown>) =>
    transact(db, work, { sleep: async () => undefined });

  it('calls back after the commit, and not after a group that was given up', async () => {
    const db = await open();
    const called: number[] = [];
    const insert = (id: number, parent: number | null) =>
      write(db, async (trx) => {
        await afterCommit(trx, () => called.push(id));
        await trx.insertInto('entries').values({ id, parent }).execute();
      });
    const settled = await Promise.allSettled([insert(1, null), insert(2, 77), insert(3, null)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(called.toSorted()).toEqual([1, 3]);
  });

  it('refuses nobody because of a row that is never committed', async () => {
    const db = await open();
    const doomed = write(db, (trx) => trx.insertInto('entries').values({ id: 7, parent: 77 }).execute());
    const refused = write(db, (trx) => sql`insert or rollback into entries values (7, null)`.execute(trx));
    const [first, second] = await Promise.allSettled([doomed, refused]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await db.selectFrom('entries').selectAll().execute()).toEqual([{ id: 7, parent: null }]);
  });

  it.each(['commit', 'rollback'])(
    'runs nothing more for a transaction that waits for its %s',
    async (end) => {
      const db = await open();
      const { promise: hasEnded, resolve: goOn } = Promise.withResolvers<void>();
      let late: Promise<unknown> | undefined;
      const ending = write(db, async (trx) => {
        await trx.insertInto('entries').values({ id: 1, parent: null }).execute();
        const insertLate = () => trx.insertInto('entries').values({ id: 2, parent: null }).execute();
        late = hasEnded.then(insertLate).catch(({ message }) => message);
        if (end === 'rollback') throw new Error('refused');
      });
      // Its turn begins when the first one has ended, and the group is still open.
      const next = write(db, async () => goOn());
      await Promise.allSettled([ending, next]);
      expect(await late).toBe('the transaction has ended');
      expect((await db.selectFrom('entries').select('id').execute()).map(({ id }) => id)).toEqual(
        end === 'commit' ? [1] : [],
      );
    },
  );
});

describe('a statement of the group that fails', () => {
  /** Group commit over a connection on which these statements fail once. */
  const open = (...failing: readonly string[]) => {
    const left = new Set(failing);
    const stored: string[] = [];
    let rows: string[] | undefined;
    let kept = 0;
    const run = (text: string): void => {
      if (left.delete(text)) throw new Error(`no ${text}`);
      if (text === 'commit') stored.push(...(rows ?? []));
      if (text === 'commit' || text === 'rollback') rows = undefined;
      if (text === 'savepoint member') kept = rows?.length ?? 0;
      if (text === 'rollback to member') rows?.splice(kept);
    };
    const group = createGroupCommit({
      turns: createTurns(1000),
      run,
      open: () => {
        if (rows) throw new Error('a transaction is open');
        rows = [];
      },
      isOpen: () => rows !== undefined,
      assertInPlace: () => undefined,
    });
    const write = async (name: string, end: 'commit' | 'rollback'): Promise<void> => {
      await group.begin();
      rows?.push(name);
      await group[end]();
    };
    return { write, stored, alone: group.alone };
  };

  it.each([
    ['release member', 'commit'],
    ['rollback to member', 'rollback'],
  ] as const)('stores nothing of its transaction, and keeps no turn: %s, %s', async (failing, end) => {
    const { write, stored, alone } = open(failing, 'rollback');
    const outcome = write('bad', end);
    await (end === 'commit' ? expect(outcome).rejects.toThrow(`no ${failing}`) : outcome);
    await alone(() => expect(stored).toEqual([]));
    await write('good', 'commit');
    expect(stored).toEqual(['good']);
  });

  it('leaves a refused transaction that was alone its own error', async () => {
    const { write, stored } = open('commit');
    await expect(write('refused', 'rollback')).resolves.toBeUndefined();
    await write('good', 'commit');
    expect(stored).toEqual(['good']);
  });

  it('keeps no turn if neither the commit nor the rollback can be carried out', async () => {
    const { write, stored } = open('commit', 'rollback');
    await expect(write('bad', 'commit')).rejects.toThrow('no commit');
    await write('good', 'commit');
    expect(stored).toEqual(['good']);
  });
});
