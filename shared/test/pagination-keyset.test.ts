import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { type Keyset, keysetAfter, keysetOrder, type Position } from '../src/pagination/index.ts';
import { columnTypes, createTable } from './fixtures/table-columns.ts';

interface Row {
  id: string;
  price: number | null;
  name: string;
}

interface Tables {
  things: Row;
}

// Few values, so that most rows share them; names whose order differs by locale.
const names = ['a', 'B', 'ä', 'Z', 'z', ''];
const rows: Row[] = Array.from({ length: 90 }, (_, index) => ({
  id: String((index * 37) % 90).padStart(3, '0'),
  price: index % 4 === 0 ? null : (index * 7) % 5,
  name: names[index % names.length] ?? '',
}));

const open = async (engine: DatabaseEngine): Promise<Kysely<Tables>> => {
  const { db } = await engine.openForSuite<Tables>();
  const { text, integer } = columnTypes(db);
  await createTable(db, 'things')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('price', integer)
    .addColumn('name', text, (column) => column.notNull())
    .execute();
  await db.insertInto('things').values(rows).execute();
  return db;
};

const read = (db: Kysely<Tables>, keyset: Keyset, count: number, after: Position | undefined) => {
  const query = db.selectFrom('things').selectAll().orderBy(keysetOrder(keyset)).limit(count);
  return (after ? query.where(keysetAfter(keyset, after)) : query).execute();
};

const walk = async (db: Kysely<Tables>, keyset: Keyset, size: number): Promise<Row[]> => {
  const seen: Row[] = [];
  for (let after: Position | undefined; ; ) {
    const page = await read(db, keyset, size, after);
    seen.push(...page);
    const last = page.at(-1);
    if (last === undefined) return seen;
    after = keyset.map(({ column }) => Reflect.get(last, column));
  }
};

const compare = (left: string | number | null, right: string | number | null): number =>
  Buffer.compare(Buffer.from(String(left ?? '')), Buffer.from(String(right ?? '')));

const expected = (keyset: Keyset): Row[] =>
  rows.toSorted((left, right) => {
    for (const { column, direction, nulls } of keyset) {
      const [a, b] = [Reflect.get(left, column), Reflect.get(right, column)];
      if ((a === null) !== (b === null)) return (a === null) === (nulls === 'first') ? -1 : 1;
      const order = compare(a, b);
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  });

const id = (direction: 'asc' | 'desc') => ({ column: 'id', direction }) as const;
const price = (direction: 'asc' | 'desc', nulls: 'first' | 'last') =>
  ({ column: 'price', direction, nulls }) as const;

const keysets: readonly Keyset[] = [
  [id('asc')],
  [id('desc')],
  [{ column: 'name', direction: 'asc' }, id('asc')],
  [{ column: 'name', direction: 'desc' }, id('desc')],
  [{ column: 'name', direction: 'desc' }, id('asc')],
  [price('asc', 'first'), id('asc')],
  [price('asc', 'last'), id('desc')],
  [price('desc', 'first'), id('desc')],
  [price('desc', 'last'), id('asc')],
  [price('desc', 'last'), { column: 'name', direction: 'asc' }, id('desc')],
];

eachDatabase((engine) => {
  let opened: Promise<Kysely<Tables>> | undefined;
  const database = () => {
    opened ??= open(engine);
    return opened;
  };

  for (const keyset of keysets) {
    const name = keyset.map((key) => `${key.column} ${key.direction} ${key.nulls ?? ''}`.trim()).join(', ');
    it(`walks every row once, in one order for both engines: ${name}`, async () => {
      const db = await database();
      for (const size of [1, 7, 90]) expect(await walk(db, keyset, size)).toEqual(expected(keyset));
    });
  }

  it('loses rows without the tie-breaker, and the walk shows it', async () => {
    const broken: Keyset = [{ column: 'name', direction: 'asc' }];
    expect((await walk(await database(), broken, 7)).length).toBeLessThan(rows.length);
  });

  it('refuses a position of another keyset', () => {
    expect(() => keysetAfter([id('asc')], [1, 2])).toThrow(RangeError);
  });

  it('stands beside other conditions', async () => {
    const db = await database();
    const keyset: Keyset = [price('asc', 'last'), id('asc')];
    const query = db.selectFrom('things').select('id').where('name', '=', 'a');
    const found = await query.where(keysetAfter(keyset, [null, '000'])).execute();
    const all = await sql<{
      id: string;
    }>`select id from things where name = 'a' and price is null and id > '000'`
      .execute(db)
      .then((result) => result.rows);
    expect(found.map((row) => row.id).sort()).toEqual(all.map((row) => row.id).sort());
  });
});
