import type { SliceMigrations, SqlMigration } from '@lab/shared/database';
import { eachDatabase, migrateDump } from '@lab/testing';
import { expect, it } from 'vitest';

const onBoth = (...statements: readonly string[]): SqlMigration => ({
  sqlite: statements,
  postgres: statements,
});

/** A database whose one migration has run: notes with a price, one row. */
const dump = [
  'create table notes_migrations (name varchar(255) primary key, timestamp varchar(255) not null)',
  "insert into notes_migrations values ('notes_0001_notes', '2026-01-01T00:00:00.000Z')",
  'create table notes (id integer primary key, price integer not null, check (price >= 0))',
  'insert into notes values (1, 5)',
  '',
].join(';\n');

const first = onBoth(
  'create table notes (id integer primary key, price integer not null, check (price >= 0))',
);
const index = onBoth('create index notes_price on notes (price)');

const edits: readonly (readonly [string, SqlMigration])[] = [
  ['a check', onBoth('create table notes (id integer primary key, price integer not null)')],
  ['a column', onBoth('create table notes (id integer primary key, price integer, check (price >= 0))')],
  ['an index', onBoth(...first.sqlite, 'create index notes_id on notes (id, price)')],
];

eachDatabase((engine) => {
  const check = (migrations: SliceMigrations) => migrateDump(engine, dump, [migrations]);

  it('finds a migrated database like a new one, its rows and its history as they were', async () => {
    const { rowsBefore, rows, schema, freshSchema } = await check({
      notes_0001_notes: first,
      notes_0002_index: index,
    });
    expect(schema).toEqual(freshSchema);
    expect(rows.notes).toEqual([{ id: 1, price: 5 }]);
    expect(rows.notes_migrations?.slice(0, 1)).toEqual(rowsBefore.notes_migrations);
  });

  it.each(edits)('(detector) sees that a migration was edited after it had run: %s', async (_, edited) => {
    const { schema, freshSchema } = await check({ notes_0001_notes: edited, notes_0002_index: index });
    expect(schema).not.toEqual(freshSchema);
  });

  it('(detector) sees that rows were lost', async () => {
    const { rowsBefore, rows } = await check({
      notes_0001_notes: first,
      notes_0002_oops: onBoth('delete from notes'),
    });
    expect([rowsBefore.notes, rows.notes]).toEqual([[{ id: 1, price: 5 }], []]);
  });
});
