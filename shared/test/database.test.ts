import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DatabaseOptions } from '../src/database/index.ts';
import {
  databaseOptions,
  engineOf,
  isUniqueViolation,
  openDatabase,
  ping,
  type SlowQuery,
  transact,
} from '../src/database/index.ts';
import { columnTypes, createTable } from './fixtures/table-columns.ts';

interface Tables {
  notes: { id: number; body: string; at: number };
}

const openNotes = async (engine: DatabaseEngine, options?: DatabaseOptions) => {
  const { db, url } = await engine.open<Tables>(options);
  const { integer, text, instant } = columnTypes(db);
  await createTable(db, 'notes')
    .addColumn('id', integer, (column) => column.primaryKey())
    .addColumn('body', text, (column) => column.notNull())
    .addColumn('at', instant, (column) => column.notNull())
    .execute();
  return { db, url };
};

it('logs only the beginning of a long statement', () => {
  const logged: object[] = [];
  const warn = (fields: object) => void logged.push(fields);
  const { onSlowQuery } = databaseOptions({ SLOW_QUERY_MS: 100 }, { warn });
  onSlowQuery?.({ sql: `insert into notes values ${'(?, ?), '.repeat(1000)}`, durationMs: 120 });
  expect(logged).toEqual([{ sql: expect.stringMatching(/^insert into notes.{980,990}$/), duration_ms: 120 }]);
});

eachDatabase((engine) => {
  it('knows its engine, also inside a transaction', async () => {
    const { db } = await engine.open();
    expect(engineOf(db)).toBe(engine.name);
    expect(await transact(db, async (trx) => engineOf(trx))).toBe(engine.name);
  });

  it('gives whole numbers as numbers up to 2^53, whatever computed them', async () => {
    const { db } = await openNotes(engine);
    const at = Number.MAX_SAFE_INTEGER;
    await db.insertInto('notes').values({ id: 1, body: 'a', at }).execute();
    await db.insertInto('notes').values({ id: 2, body: 'b', at: -at }).execute();
    const { rows } =
      await sql`select max(at) as most, min(at) as least, count(*) as n, sum(id) as s from notes`.execute(db);
    expect(rows).toEqual([{ most: at, least: -at, n: 2, s: 3 }]);
  });

  it('sorts text by its bytes, whatever the locale of the server', async () => {
    const { db } = await openNotes(engine);
    const bodies = ['ähre', 'a-b', 'ab', 'B', 'a', 'Z', 'ÄHRE', '한'];
    await db
      .insertInto('notes')
      .values(bodies.map((body, id) => ({ id, body, at: id })))
      .execute();
    const rows = await db.selectFrom('notes').select('body').orderBy('body').execute();
    const byBytes = bodies.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(rows.map(({ body }) => body)).toEqual(byBytes);
  });

  it('refuses a value of another type than the column', async () => {
    const { db } = await openNotes(engine);
    const attempt = sql`insert into notes (id, body, at) values (1, 'a', 'noon')`.execute(db);
    await expect(attempt).rejects.toThrow();
  });

  it('recognises a violated unique constraint, and no other error, as such', async () => {
    const { db } = await openNotes(engine);
    const insert = () => db.insertInto('notes').values({ id: 1, body: 'a', at: 1 }).execute();
    await insert();
    expect(await insert().catch(isUniqueViolation)).toBe(true);
    expect(await sql`select nothing`.execute(db).catch(isUniqueViolation)).toBe(false);
    expect(isUniqueViolation(undefined)).toBe(false);
  });

  it('reports slow statements with their SQL and without their values', async () => {
    const slow: SlowQuery[] = [];
    const { db } = await openNotes(engine, { slowQueryMs: 0, onSlowQuery: (query) => slow.push(query) });
    await db.insertInto('notes').values({ id: 1, body: 'a secret', at: 4711 }).execute();
    expect(slow.map((query) => query.sql)).toContainEqual(expect.stringContaining('insert into "notes"'));
    expect(slow.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    expect(JSON.stringify(slow)).not.toMatch(/secret|4711/);
  });

  it('reports nothing below the threshold', async () => {
    const slow: SlowQuery[] = [];
    const { db } = await openNotes(engine, { slowQueryMs: 60_000, onSlowQuery: (query) => slow.push(query) });
    await db.selectFrom('notes').select('id').execute();
    expect(slow).toEqual([]);
  });

  it('answers a ping', async () => {
    const { db } = await engine.open();
    await ping(db);
  });

  it('is closed for good by destroy', async () => {
    const { db } = await openNotes(engine);
    await db.destroy();
    await expect(db.selectFrom('notes').select('id').execute()).rejects.toThrow(/destroyed/);
  });
});

describe('on sqlite', () => {
  it('makes the folder of the file, and commits durably in WAL mode with foreign keys on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-open-'));
    const db = openDatabase(`sqlite:${join(folder, 'a', 'b', 'lab.db')}`);
    onTestFinished(() => db.destroy().then(() => rmSync(folder, { recursive: true })));
    const settings = transact(db, async (trx) => {
      const { rows } = await sql`
        select journal_mode, synchronous, foreign_keys
        from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys`.execute(trx);
      return rows;
    });
    const FULL = 2;
    expect(await settings).toEqual([{ journal_mode: 'wal', synchronous: FULL, foreign_keys: 1 }]);
    expect(existsSync(join(folder, 'a', 'b', 'lab.db'))).toBe(true);
  });

  it('keeps a memory database for as long as it is open', async () => {
    const db = openDatabase<Tables>('sqlite::memory:');
    onTestFinished(() => db.destroy());
    await sql`create table notes (id integer)`.execute(db);
    await transact(db, (trx) => sql`insert into notes values (1), (2)`.execute(trx));
    expect(await db.selectFrom('notes').select('id').execute()).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('refuses a transaction that is opened by SQL, and goes on', async () => {
    const db = openDatabase<Tables>('sqlite::memory:');
    onTestFinished(() => db.destroy());
    await expect(sql`begin`.execute(db)).rejects.toThrow(/transact/);
    expect(await transact(db, async () => 'goes on')).toBe('goes on');
  });
});

describe('on postgres', () => {
  it('ends its wait for a server that accepts and never answers', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const db = openDatabase(`postgres://lab:secret@127.0.0.1:${port}/lab`, { connectionTimeoutMs: 50 });
    onTestFinished(() => db.destroy());
    await expect(sql`select 1`.execute(db)).rejects.toThrow(/timeout/);
    await expect(ping(db)).rejects.toMatchObject({ trouble: 'no_connection' });
  });
});
