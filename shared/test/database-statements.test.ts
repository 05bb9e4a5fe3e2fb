import { eachDatabase, onDatabase } from '@lab/testing';
import Sqlite from 'better-sqlite3';
import { type Kysely, sql } from 'kysely';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase, type Param, prepareInsert, prepareQuery, transact } from '../src/database/index.ts';
import { createStatementCache } from '../src/database/statement-cache.ts';

interface Tables {
  notes: { id: number; body: string };
}

const fill = async (db: Kysely<Tables>) => {
  await sql`create table notes (id integer primary key, body text not null)`.execute(db);
  await db
    .insertInto('notes')
    .values([1, 2, 3].map((id) => ({ id, body: `note ${id}` })))
    .execute();
};

const noteOf = prepareQuery((db: Kysely<Tables>, param: Param<{ id: number }>) =>
  db.selectFrom('notes').select('body').where('id', '=', param('id')),
);

eachDatabase((engine) => {
  it('binds new values to a query that it compiled once', async () => {
    const { db } = await engine.open<Tables>();
    await fill(db);
    const compiled = vi.spyOn(db.getExecutor(), 'compileQuery');
    const bodies = [];
    for (const id of [1, 2, 3, 4]) bodies.push(await noteOf(db, { id }));
    expect(bodies).toEqual([[{ body: 'note 1' }], [{ body: 'note 2' }], [{ body: 'note 3' }], []]);
    expect(compiled.mock.calls.length).toBeLessThanOrEqual(1);
  });

  it('runs a compiled query on the transaction that it is given', async () => {
    const { db } = await engine.open<Tables>();
    await fill(db);
    const rename = transact(db, async (trx) => {
      await trx.updateTable('notes').set({ body: 'mine' }).where('id', '=', 1).execute();
      const [inside] = await noteOf(trx, { id: 1 });
      expect(inside).toEqual({ body: 'mine' });
      throw new Error('roll back');
    });
    await expect(rename).rejects.toThrow('roll back');
    expect(await noteOf(db, { id: 1 })).toEqual([{ body: 'note 1' }]);
  });
});

const insertNotes = prepareInsert<Tables, 'notes', 'id'>('notes', 'id');

eachDatabase((engine) => {
  it('inserts any number of rows by statements that it compiled once for each number', async () => {
    const { db } = await engine.open<Tables>();
    await sql`create table notes (id integer primary key, body text not null)`.execute(db);
    const row = (id: number) => ({ id, body: `note ${id}` });
    expect(await insertNotes(db, [])).toEqual([]);
    expect(await insertNotes(db, [row(1), row(2)])).toEqual([{ id: 1 }, { id: 2 }]);
    const compiled = vi.spyOn(db.getExecutor(), 'compileQuery');
    // The columns go by name, not by place.
    expect(await insertNotes(db, [row(3), { body: 'note 4', id: 4 }])).toEqual([{ id: 3 }, { id: 4 }]);
    expect(compiled).not.toHaveBeenCalled();
    await insertNotes(db, [row(5), row(6), row(7)]);
    expect(compiled).toHaveBeenCalledOnce();
    await transact(db, async (trx) => {
      await insertNotes(trx, [row(8)]);
      throw new Error('roll back');
    }).catch(() => undefined);
    expect(await db.selectFrom('notes').selectAll().orderBy('id').execute()).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map(row),
    );
  });
});

eachDatabase((engine) => {
  it('inserts the columns that its rows have, and not those of rows before', async () => {
    interface Signed {
      signed: { id: number; author: string | null };
    }
    const insert = prepareInsert<Signed, 'signed'>('signed');
    const { db } = await engine.open<Signed>();
    await sql`create table signed (id integer primary key, author text)`.execute(db);
    await insert(db, [{ id: 1 }]);
    await insert(db, [{ id: 2, author: 'Ada' }]);
    await insert(db, [{ id: 3 }]);
    expect(await db.selectFrom('signed').select('author').orderBy('id').execute()).toEqual([
      { author: null },
      { author: 'Ada' },
      { author: null },
    ]);
  });
});

describe('prepared statements', () => {
  it('are prepared once per connection and reused on SQLite', async () => {
    const prepare = vi.spyOn(Sqlite.prototype, 'prepare');
    onTestFinished(() => prepare.mockRestore());
    const db = openDatabase<Tables>('sqlite::memory:');
    onTestFinished(() => db.destroy());
    await fill(db);
    prepare.mockClear();
    for (let id = 1; id <= 100; id += 1) {
      await db.selectFrom('notes').select('body').where('id', '=', id).execute();
      await transact(db, (trx) => trx.deleteFrom('notes').where('id', '=', id).execute());
    }
    const texts = prepare.mock.calls.map(([text]) => text);
    expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted());
    expect(texts).toHaveLength(6);
  });

  // SQLite does it in silence; the driver then makes its function for a row's columns anew, which can be counted.
  it('are not planned again by SQLite for each value', async () => {
    const planned = vi.spyOn(globalThis, 'Function');
    onTestFinished(() => planned.mockRestore());
    const db = openDatabase<Tables>('sqlite::memory:');
    const bare = new Sqlite(':memory:');
    onTestFinished(() => db.destroy().finally(() => bare.close()));
    await fill(db);
    bare.exec(
      `create table notes (id integer primary key, body text) strict; insert into notes values (1, 'note 1')`,
    );
    const naive = bare.prepare('select id from notes where body = ? order by id desc limit ?');
    const query = db.selectFrom('notes').select('id').orderBy('id', 'desc');
    const plansOf = async (run: (limit: number) => unknown) => {
      planned.mockClear();
      for (let limit = 1; limit <= 100; limit += 1) await run(limit);
      return planned.mock.calls.length;
    };
    const ours = (limit: number) => query.where('body', '=', 'note 1').limit(limit).execute();
    expect(await plansOf(ours)).toBe(1);
    expect(await plansOf((limit) => naive.all('note 1', limit))).toBe(100);
  });

  it('are bounded: the least recently used one is forgotten first', () => {
    const database = new Sqlite(':memory:');
    onTestFinished(() => void database.close());
    const prepare = createStatementCache(database, 2);
    const [one, two] = [prepare('select 1'), prepare('select 2')];
    expect(prepare('select 1')).toBe(one);
    prepare('select 3');
    expect(prepare('select 1')).toBe(one);
    expect(prepare('select 2')).not.toBe(two);
  });
});

onDatabase('postgres', (engine) => {
  const ofThisConnection = sql<{ statement: string; runs: number }>`
    select statement, generic_plans + custom_plans as runs from pg_prepared_statements order by statement`;

  it('prepares a statement once per connection and reuses it on Postgres', async () => {
    const { db } = await engine.open<Tables>({ poolSize: 1 });
    await fill(db);
    for (let id = 1; id <= 100; id += 1) {
      await db.selectFrom('notes').select('body').where('id', '=', id).execute();
    }
    const { rows } = await ofThisConnection.execute(db);
    expect(rows).toContainEqual({ statement: 'select "body" from "notes" where "id" = $1', runs: 100 });
  });

  it('keeps no more statements than it is told, and runs the others all the same', async () => {
    const { db } = await engine.open<Tables>({ poolSize: 1, preparedStatements: 3 });
    await fill(db);
    for (let n = 1; n <= 10; n += 1) {
      const ids = Array.from({ length: n }, (_, index) => index + 1);
      const rows = await db.selectFrom('notes').select('id').where('id', 'in', ids).execute();
      expect(rows).toHaveLength(Math.min(n, 3));
    }
    const { rows } = await ofThisConnection.execute(db);
    expect(rows).toHaveLength(3);
  });
});
