import type { GiftTables } from '@lab/gift-grant';
import { type Executor, engineOf } from '@lab/shared/database';
import { type DatabaseEngine, eachDatabase } from '@lab/testing';
import { type CompiledQuery, sql } from 'kysely';
import { expect, it } from 'vitest';
import { type GiftFilters, giftPage } from '../src/gift-list.ts';
import { NOON_MS, openHistory } from './history-app.ts';

const GIFTS = 20_000;

/** The query plan of the engine, one step per line. */
const explain = async (db: Executor<GiftTables>, query: CompiledQuery): Promise<readonly string[]> => {
  const prefix = engineOf(db) === 'sqlite' ? 'explain query plan' : 'explain';
  const compiled = { ...query, sql: `${prefix} ${query.sql}` };
  const { rows } = await db.getExecutor().executeQuery<Record<string, unknown>>(compiled);
  return rows.map((row) => String(row.detail ?? row['QUERY PLAN']));
};

/** Whether a step is a table scan or a sort, which costs more than the page. */
const isFault = (step: string): boolean =>
  /^SCAN(?!.*USING INDEX)|USE TEMP B-TREE|Seq Scan|Bitmap|\bSort\b/.test(step);

const openFilled = async (engine: DatabaseEngine) => {
  const { db } = await openHistory(engine);
  for (let start = 0; start < GIFTS; start += 500) {
    const gift = (index: number) => ({
      id: `gift-${index}`,
      user_id: `${index % 20}`,
      sku: 'X',
      message: null,
      status: 'granted' as const,
      created_at: NOON_MS - index,
    });
    const gifts = Array.from({ length: 500 }, (_, index) => gift(start + index));
    await db.insertInto('gifts').values(gifts).execute();
  }
  await sql`analyze`.execute(db);
  return db;
};

const middle = new Date(NOON_MS - GIFTS / 2);
const filters: readonly (readonly [string, GiftFilters])[] = [
  ['no filter', {}],
  ['a user', { userId: '3' }],
  ['an owner', { owner: '3' }],
  ['a status', { status: 'granted' }],
  ['a time range', { from: new Date(NOON_MS - GIFTS), to: middle }],
  ['a user and a time range', { userId: '3', from: new Date(NOON_MS - GIFTS), to: middle }],
];

eachDatabase((engine) => {
  it('reads a page as a range of an index, the first and a deep one, with every filter', async () => {
    const db = await openFilled(engine);
    for (const [name, filter] of filters) {
      for (const after of [undefined, [middle.getTime(), 'gift-x']]) {
        const plan = await explain(db, giftPage(db, filter, { count: 21, after }).compile());
        expect(plan.filter(isFault), `${name}: ${plan.join(' | ')}`).toEqual([]);
        expect(plan.join(), name).toMatch(
          'userId' in filter || 'owner' in filter ? /of_user/ : /gifts_newest/,
        );
      }
    }
  });

  it('(detector) sees the sort or the table scan without the indexes', async () => {
    const db = await openFilled(engine);
    await db.schema.dropIndex('gifts_newest').execute();
    await db.schema.dropIndex('gifts_newest_of_user').execute();
    // SQLite explains from its cached schema; a connection only notices schema changes when it reads.
    await db.selectFrom('gifts').select('id').limit(1).execute();
    for (const [name, filter] of filters) {
      const plan = await explain(db, giftPage(db, filter, { count: 21 }).compile());
      expect(plan.filter(isFault).length, `${name}: ${plan.join(' | ')}`).toBeGreaterThan(0);
    }
  });
});
