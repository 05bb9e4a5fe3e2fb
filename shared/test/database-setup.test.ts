import { eachDatabase, onDatabase } from '@lab/testing';
import { sql } from 'kysely';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import {
  isLockTimeout,
  openDatabase,
  runSetup,
  type SqlMigration,
  startDatabase,
  transact,
} from '../src/database/index.ts';
import { createHealth, createMetrics } from '../src/observability/index.ts';

interface Tables {
  notes: { id: number };
}

const createNotes = ['create table notes (id integer primary key)'];
const notes: Record<string, SqlMigration> = {
  notes_0001_notes: { sqlite: createNotes, postgres: createNotes },
};

const openAnother = (url: string, lockTimeoutMs?: number) => {
  const db = openDatabase<Tables>(url, lockTimeoutMs === undefined ? {} : { lockTimeoutMs });
  onTestFinished(() => db.destroy());
  return db;
};

/** A server that takes each statement for a slow one; it closes its resources after the test. */
const serverOn = (url: string) => {
  const warnings: string[] = [];
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const server = {
    settings: { DATABASE_URL: url, SLOW_QUERY_MS: 0 },
    logger: pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) }),
    registry: createMetrics(),
    health: createHealth({}),
    resources,
    checks: {},
    details: {},
  };
  return { server, warnings };
};

eachDatabase((engine) => {
  it('sets up a database in one transaction at a time', async () => {
    const { url } = await engine.open<Tables>();
    let running = 0;
    const seen: number[] = [];
    const setup = Array.from({ length: 4 }, () =>
      runSetup(openAnother(url), async (trx) => {
        running += 1;
        await sql`create table if not exists notes (id integer primary key)`.execute(trx);
        await sql`create index if not exists notes_id on notes (id)`.execute(trx);
        seen.push(running);
        running -= 1;
      }),
    );
    await Promise.all(setup);
    expect(seen).toEqual([1, 1, 1, 1]);
  });

  it('joins the transaction that it is given', async () => {
    const { db } = await engine.open<Tables>();
    await runSetup(db, (trx) => sql`create table notes (id integer primary key)`.execute(trx));
    const attempt = runSetup(db, async (trx) => {
      await runSetup(trx, (same) => same.insertInto('notes').values({ id: 1 }).execute());
      throw new Error('given up');
    });
    await expect(attempt).rejects.toThrow('given up');
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([]);
  });

  it('starts a database migrated and seeded; only later statements can be logged as slow', async () => {
    const { url } = await engine.open<Tables>();
    const { server, warnings } = serverOn(url);
    const db = await startDatabase<Tables>(server, [notes], async (opened) => {
      await opened.insertInto('notes').values({ id: 1 }).execute();
    });
    expect(warnings).toEqual([]);
    expect(await db.selectFrom('notes').selectAll().execute()).toEqual([{ id: 1 }]);
    expect(warnings).toEqual([expect.stringContaining('select')]);
  });

  it('rejects with what the seed rejects with', async () => {
    const { url } = await engine.open<Tables>();
    const seed = () => Promise.reject(new RangeError('no such sample'));
    const start = startDatabase<Tables>(serverOn(url).server, [notes], seed);
    await expect(start).rejects.toThrow(new RangeError('no such sample'));
  });
});

onDatabase('sqlite', (engine) => {
  it('waits for the setup of another process longer than a request waits for the writer', async () => {
    const { db, url } = await engine.open<Tables>();
    const other = openAnother(url, 5);
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
    const { promise: isHeld, resolve: hold } = Promise.withResolvers<void>();
    const first = runSetup(db, async () => {
      hold();
      await isReleased;
    });
    await isHeld;
    const second = runSetup(other, async () => 'done');
    const request = await transact(openAnother(url, 20), async () => undefined).catch((error) => error);
    expect(isLockTimeout(request)).toBe(true);
    release();
    expect([await first, await second]).toEqual([undefined, 'done']);
  });
});
