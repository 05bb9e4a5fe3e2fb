import { eachDatabase, raceProcesses } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MigrationError, migrate, openDatabase } from '../src/database/index.ts';
import { columnTypes, createTable } from './fixtures/table-columns.ts';

interface Tables {
  notes: { id: number };
  tags: { id: number };
  runs: { migration: string };
}

const creates = (name: 'notes' | 'tags') => ({
  up: (db: Kysely<Tables>) =>
    createTable(db, name)
      .addColumn('id', columnTypes(db).integer, (column) => column.primaryKey())
      .execute(),
});
const notes = { notes_0001_notes: creates('notes') };
const tags = { tags_0001_tags: creates('tags') };

const RACER = new URL('database-migrate-racer.ts', import.meta.url);
const ROUNDS = 4;

eachDatabase((engine) => {
  it('brings the tables of several slices, in any order and one after another', async () => {
    const { db } = await engine.open<Tables>();
    await migrate(db, [tags]);
    await migrate(db, [notes, tags]);
    await migrate(db, [notes]);
    await db.insertInto('notes').values({ id: 1 }).execute();
    await db.insertInto('tags').values({ id: 1 }).execute();
  });

  it('runs what is new in the order of the names, each once', async () => {
    const { db } = await engine.open<Tables>();
    const order: string[] = [];
    const step = (name: string) => ({ [name]: { up: async () => void order.push(name) } });
    await migrate(db, [{ ...step('notes_0002_b'), ...step('notes_0001_a') }]);
    await migrate(db, [{ ...step('notes_0003_c'), ...step('notes_0001_a'), ...step('notes_0002_b') }]);
    expect(order).toEqual(['notes_0001_a', 'notes_0002_b', 'notes_0003_c']);
  });

  it('leaves nothing half done, and says which migration failed', async () => {
    const { db } = await engine.open<Tables>();
    const broken = {
      ...notes,
      notes_0002_broken: {
        up: async (trx: Kysely<Tables>) => {
          await trx.insertInto('notes').values({ id: 1 }).execute();
          await sql`create nonsense`.execute(trx);
        },
      },
    };
    const attempt = migrate(db, [tags, broken]);
    await expect(attempt).rejects.toThrow(MigrationError);
    await expect(attempt).rejects.toThrow(/^migration notes_0002_broken failed: .*syntax error/);
    expect(await db.introspection.getTables({ withInternalKyselyTables: true })).toEqual([]);
    await migrate(db, [tags, notes]);
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
  });

  it('refuses code that is older than the database', async () => {
    const { db } = await engine.open<Tables>();
    await migrate(db, [{ ...notes, notes_0002_later: { up: async () => undefined } }]);
    await expect(migrate(db, [notes])).rejects.toThrow(/notes_0002_later is missing/);
  });

  it('runs each migration once when two processes start together', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { db, url } = await engine.open<Tables>();
      expect(await raceProcesses(RACER, [[url], [url]])).toEqual(['migrated', 'migrated']);
      const runs = await db.selectFrom('runs').select('migration').orderBy('migration').execute();
      const names = ['carts_0001_first', 'carts_0002_second', 'gifts_0001_first'];
      expect(runs.map(({ migration }) => migration)).toEqual(names);
    }
  }, 60_000);

  it('(detector) sees the race where the lock is left out', async () => {
    let isSeen = false;
    for (let round = 0; round < 3 * ROUNDS && !isSeen; round += 1) {
      const { db, url } = await engine.open<Tables>();
      const results = await raceProcesses(RACER, [
        [url, 'unlocked'],
        [url, 'unlocked'],
      ]);
      const { rows } = await sql`select count(*) as runs from runs`.execute(db);
      isSeen = results.some((result) => result !== 'migrated') || JSON.stringify(rows) !== '[{"runs":3}]';
    }
    expect(isSeen).toBe(true);
  }, 60_000);
});

describe('migration names', () => {
  it.each([
    [
      'of no slice',
      { '0001_notes': creates('notes') },
      /name of migration "0001_notes" is not <slice>_<0001>_<what>/,
    ],
    ['of two slices', { ...notes, ...tags }, /migrations of "notes" and "tags" in one record/],
    ['none at all', {}, /no migrations/],
  ])('are refused: %s', async (_, migrations, reason) => {
    const db = openDatabase('sqlite::memory:');
    onTestFinished(() => db.destroy());
    await expect(migrate(db, [migrations])).rejects.toThrow(reason);
  });
});
