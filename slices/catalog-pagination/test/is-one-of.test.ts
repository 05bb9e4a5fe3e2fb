import { type Param, prepareQuery } from '@lab/shared/database';
import { eachDatabase } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { isOneOf } from '../src/is-one-of.ts';

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

eachDatabase((engine) => {
  it('looks up a list with one statement, whatever its length and characters', async () => {
    const { db } = await engine.open<Tables>();
    await fill(db);
    await db.insertInto('notes').values({ id: 4, body: `"it's", é\\` }).execute();
    const idsOf = prepareQuery((given: Kysely<Tables>, param: Param<{ bodies: string }>) =>
      given
        .selectFrom('notes')
        .select('id')
        .where(isOneOf(given, 'body', param('bodies')))
        .orderBy('id'),
    );
    const ids = async (...bodies: string[]) =>
      (await idsOf(db, { bodies: JSON.stringify(bodies) })).map(({ id }) => id);
    expect(await ids()).toEqual([]);
    expect(await ids('note 1', 'note 3', 'gone')).toEqual([1, 3]);
    expect(await ids(`"it's", é\\`)).toEqual([4]);
    const many = Array.from({ length: 40_000 }, (_, index) => `note ${index}`);
    expect(await ids(...many)).toEqual([1, 2, 3]);
  });
});
