import { setTimeout as wait } from 'node:timers/promises';
import { transact } from '@lab/shared/database';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Idempotency } from '../src/idempotency.ts';
import type { GiftGrantTables } from '../src/router.ts';

/** Time for other work before the response is saved, such as sending a confirmation. */
const CONFIRMATION_MS = 5;

type Plant = (db: Kysely<GiftGrantTables>) => Promise<Idempotency>;

const responseSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** Reads, then writes: two concurrent requests both find nothing, and no constraint stops the second. */
const withoutConstraint: Plant = async (db) => {
  await sql`create table if not exists loose_keys (key text, response text)`.execute(db);
  const find = (key: string) =>
    sql<{ response: string }>`select response from loose_keys where key = ${key}`.execute(db);
  return {
    run: async (_db, { key }, work) => {
      const [row] = (await find(key)).rows;
      if (row) return { state: 'replayed', response: responseSchema.parse(JSON.parse(row.response)) };
      return transact(db, async (trx) => {
        const response = await work(trx);
        await sql`insert into loose_keys values (${key}, ${JSON.stringify(response)})`.execute(trx);
        return { state: 'executed', response };
      });
    },
  };
};

/** Commits the gift, then saves the response: after a crash in between, there is no record of the granted gift. */
const responseAfterCommit: Plant = async (db) => {
  await sql`create table if not exists late_keys (key text primary key, response text)`.execute(db);
  const find = (key: string) =>
    sql<{ response: string }>`select response from late_keys where key = ${key}`.execute(db);
  return {
    run: async (_db, { key }, work) => {
      const [row] = (await find(key)).rows;
      if (row) return { state: 'replayed', response: responseSchema.parse(JSON.parse(row.response)) };
      const response = await transact(db, work);
      await wait(CONFIRMATION_MS);
      await sql`insert into late_keys values (${key}, ${JSON.stringify(response)}) on conflict do nothing`.execute(
        db,
      );
      return { state: 'executed', response };
    },
  };
};

/** Versions of idempotency with a bug, by the name of the bug. */
export const plantedBugs: ReadonlyMap<string, Plant> = new Map([
  ['no unique constraint', withoutConstraint],
  ['response after the commit', responseAfterCommit],
]);
