import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createRouter, defineRoute, route, serviceUnavailable } from '@lab/shared/http';
import { createHealth } from '@lab/shared/observability';
import { createTestApp, onDatabase, startApp } from '@lab/testing';
import { type Kysely, sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openDatabase, ping, transact } from '../src/database/index.ts';

const counted = { 200: { description: 'How many there are', body: z.strictObject({ count: z.int() }) } };
const common = { path: '/notes', tag: 'test', responses: counted, problems: [serviceUnavailable] } as const;
const addNote = defineRoute({ ...common, method: 'POST', name: 'addNote', summary: 'Add a note' });
const countNotes = defineRoute({ ...common, method: 'GET', name: 'countNotes', summary: 'Count the notes' });

const countOf = async (db: Kysely<unknown>): Promise<number> => {
  const { rows } = await sql<{ count: number }>`select count(*) as count from notes`.execute(db);
  return rows[0]?.count ?? 0;
};

const createNotes = async (db: Kysely<unknown>) => {
  await sql`create table notes (body text)`.execute(db);
  await sql`create table others (body text)`.execute(db);
};

const startNotes = async (db: Kysely<unknown>) => {
  const add = route(addNote).handle(() =>
    transact(db, async (trx) => {
      await sql`insert into notes values (${'n'.repeat(10_000)})`.execute(trx);
      return { status: 200 as const, body: { count: await countOf(trx) } };
    }),
  );
  const count = route(countNotes).handle(async () => ({ status: 200, body: { count: await countOf(db) } }));
  const health = createHealth({ database: () => ping(db) });
  const { request } = await startApp(createTestApp([createRouter([add, count])], { health }));
  return {
    add: () => request('POST', '/notes'),
    count: () => request('GET', '/notes'),
    health: () => request('GET', '/health'),
  };
};

const pathOf = (url: string): string => url.slice('sqlite:'.length);

onDatabase('sqlite', (engine) => {
  const open = async () => {
    const { db, url } = await engine.open<unknown>();
    await createNotes(db);
    return { db, path: pathOf(url), ...(await startNotes(db)) };
  };
  type Notes = Awaited<ReturnType<typeof open>>;

  const expectNoWrites = async ({ add, count, health }: Notes, detail: string) => {
    const refused = await add();
    expect(refused).toMatchObject({ status: 503, body: { code: 'service_unavailable', detail } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await health()).toMatchObject({
      status: 503,
      body: { checks: { database: { status: 'failed', reason: detail } } },
    });
    expect(await count()).toMatchObject({ status: 200, body: { count: 1 } });
  };

  const expectAllWell = async ({ add, count, health }: Notes) => {
    expect(await health()).toMatchObject({ status: 200 });
    expect(await add()).toMatchObject({ status: 200, body: { count: 2 } });
    expect(await count()).toMatchObject({ status: 200, body: { count: 2 } });
  };

  // On the connection that writes.
  const limitPages = (db: Kysely<unknown>, pages: number) =>
    transact(db, (trx) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(trx));
  const setReadOnly = (db: Kysely<unknown>, state: 'on' | 'off') =>
    sql`pragma query_only = ${sql.raw(state)}`.execute(db);

  it('tells a full disk, reads on, and recovers when there is space', async () => {
    const notes = await open();
    await notes.add();
    await limitPages(notes.db, 1);
    await expectNoWrites(notes, 'The database disk is full.');
    await limitPages(notes.db, 1_000_000);
    await expectAllWell(notes);
  });

  it('tells that it is read-only, reads on, and recovers when it may write', async () => {
    const notes = await open();
    await notes.add();
    await setReadOnly(notes.db, 'on');
    await expectNoWrites(notes, 'The database is read-only.');
    await setReadOnly(notes.db, 'off');
    await expectAllWell(notes);
  });

  it.each(['', '-wal', '-shm'])(
    'tells that the file (its name and "%s") was moved, until it is back',
    async (end) => {
      const notes = await open();
      await notes.add();
      renameSync(`${notes.path}${end}`, `${notes.path}.away`);
      const gone = 'The database file was removed or replaced while the server was running.';
      await expectNoWrites(notes, gone);
      writeFileSync(`${notes.path}${end}`, '');
      await expectNoWrites(notes, gone);
      renameSync(`${notes.path}.away`, `${notes.path}${end}`);
      await expectAllWell(notes);
    },
  );

  it('acknowledges nothing that is gone after the restart', async () => {
    const { db, url } = await engine.open<unknown>();
    await createNotes(db);
    const insert = (executor: Kysely<unknown>) => sql`insert into notes values ('a')`.execute(executor);
    const removed = transact(db, async (trx) => {
      await insert(trx);
      for (const end of ['', '-wal', '-shm']) rmSync(`${pathOf(url)}${end}`);
    });
    await expect(removed).rejects.toMatchObject({ trouble: 'file_gone' });
    await expect(insert(db)).rejects.toMatchObject({ trouble: 'file_gone' });
    expect(await countOf(db)).toBe(0);
  });

  it('tells of corrupted pages where they are read, and serves the others', async () => {
    const { db: first, url } = await engine.open<unknown>();
    await createNotes(first);
    await sql`insert into notes values (${'n'.repeat(100_000)})`.execute(first);
    const { rows } = await sql<{ page: number }>`
      select rootpage as page from sqlite_schema where name = 'notes'`.execute(first);
    await first.destroy();
    const file = openSync(pathOf(url), 'r+');
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, ((rows[0]?.page ?? 0) - 1) * 4096);
    closeSync(file);
    const db = openDatabase<unknown>(url);
    onTestFinished(() => db.destroy());
    const { add, count, health } = await startNotes(db);
    const corrupted = { status: 503, body: { detail: 'The database is corrupted.' } };
    expect(await health()).toMatchObject({ status: 200 });
    expect([await count(), await add()]).toMatchObject([corrupted, corrupted]);
    await sql`insert into others values ('a')`.execute(db);
    expect(await health()).toMatchObject({
      status: 503,
      body: { checks: { database: { reason: 'The database is corrupted.' } } },
    });
  });

  it('tells what it remembers of the disk, and waits for no transaction, while others write', async () => {
    const notes = await open();
    await limitPages(notes.db, 1);
    await notes.add();
    await transact(notes.db, async () => {
      await expect(ping(notes.db)).rejects.toMatchObject({ trouble: 'disk_full' });
    });
  });

  it('writes nothing to answer a ping while all is well', async () => {
    const { db, path } = await open();
    const before = statSync(`${path}-wal`).size;
    await ping(db);
    expect(statSync(`${path}-wal`).size).toBe(before);
  });
});

onDatabase('postgres', (engine) => {
  it('tells that it is read-only', async () => {
    const { db: owner, url } = await engine.open<unknown>();
    await createNotes(owner);
    const name = sql.ref(new URL(url).pathname.slice(1));
    await sql`alter database ${name} set default_transaction_read_only = on`.execute(owner);
    const db = openDatabase<unknown>(url);
    const { add, count, health } = await startNotes(db);
    const answers = [await add(), await count(), await health()];
    await db.destroy();
    await sql`alter database ${name} reset all`.execute(owner);
    const detail = 'The database is read-only.';
    expect(answers).toMatchObject([
      { status: 503, body: { detail } },
      { status: 200, body: { count: 0 } },
      { status: 503, body: { checks: { database: { status: 'failed', reason: detail } } } },
    ]);
  });
});
