import { DatabaseUnavailableError, transact } from '@lab/shared/database';
import { createRouter, defineRoute, route, serviceUnavailable } from '@lab/shared/http';
import { createTestApp, eachDatabase, onDatabase, startApp } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createCapturedLogger } from './fixtures/log-lines.ts';

const countRoute = defineRoute({
  method: 'POST',
  path: '/count',
  name: 'count',
  summary: 'Write one more',
  tag: 'test',
  responses: { 200: { description: 'How many there are', body: z.strictObject({ count: z.int() }) } },
  problems: [serviceUnavailable],
});

const createCounter = async (db: Kysely<unknown>) => {
  await sql`create table numbers (id integer primary key)`.execute(db);
  const handled = route(countRoute).handle(() =>
    transact(db, async (trx) => {
      await sql`insert into numbers select count(*) + 1 from numbers`.execute(trx);
      const { rows } = await sql<{ count: number }>`select count(*) as count from numbers`.execute(trx);
      return { status: 200 as const, body: { count: rows[0]?.count ?? 0 } };
    }),
  );
  const router = createRouter([handled]);
  const { logger, lines } = createCapturedLogger();
  const { request } = await startApp(createTestApp([router], { logger }));
  return { count: () => request('POST', '/count'), lines };
};

eachDatabase((engine) => {
  it('answers 503 with Retry-After while others have all of it, logs why, and then goes on', async () => {
    const { db } = await engine.open({ poolSize: 1, connectionTimeoutMs: 1000, lockTimeoutMs: 50 });
    const { count, lines } = await createCounter(db);
    await transact(db, async () => {
      const refused = await count();
      expect(refused).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
      expect(refused.headers.get('retry-after')).toBe('1');
    });
    expect(await count()).toMatchObject({ status: 200, body: { count: 1 } });
    const [line] = lines().filter(({ msg }) => msg === 'request failed');
    expect(line).toMatchObject({ level: 'warn', err: { cause: { message: expect.any(String) } } });
  });
});

onDatabase('postgres', (engine) => {
  it('gives up the wait for a connection when all are taken for too long', async () => {
    const { db } = await engine.open({ poolSize: 1, connectionTimeoutMs: 1000 });
    await transact(db, async () => {
      const late = await sql`select 1`.execute(db).catch((error: unknown) => error);
      expect(late).toBeInstanceOf(DatabaseUnavailableError);
      expect(late).toMatchObject({
        trouble: 'no_connection',
        cause: { message: expect.stringMatching(/^timeout/) },
      });
    });
    await expect(sql`select 1`.execute(db)).resolves.toBeDefined();
  });
});
