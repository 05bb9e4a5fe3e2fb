/** Notes that are written with a trail, in the naive way and in ours. */
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { migrate, openDatabase, transact } from '@lab/shared/database';
import { createRouter, defineRoute, route } from '@lab/shared/http';
import { createLogger } from '@lab/shared/observability';
import express from 'express';
import { sql } from 'kysely';
import { z } from 'zod';
import { type AuditTables, auditMigrations, createAuditTrail } from '../src/index.ts';
import { type NaiveTables, writeNaively } from './naive-trail.ts';

type Tables = AuditTables & NaiveTables & { notes: { id: string } };

const settings = {
  AUDIT_FAILURE: 'closed',
  AUDIT_SEAL_MS: 20,
  AUDIT_HEAD_FILE: undefined,
  AUDIT_KEY: undefined,
} as const;

export const writeNote = defineRoute({
  method: 'POST',
  path: '/notes/:id',
  name: 'writeNote',
  summary: 'Write a note',
  tag: 'notes',
  params: z.strictObject({ id: z.string() }),
  responses: { 201: { description: 'Done' } },
});

const listen = async (app: express.Express) => {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
};

export type Way = 'naive' | 'ours';

/** Opens notes in a database. `afterCommit` runs as soon as a note is committed, before anything else happens. */
export const openNotes = async (url: string, afterCommit: () => void = () => undefined) => {
  const resources = new AsyncDisposableStack();
  const logger = createLogger({ service: 'notes', level: 'silent' });
  const deps = { now: () => new Date(), newId: randomUUIDv7 };
  const { beforeCommit, start } = createAuditTrail({ settings, logger, resources }, deps);
  const db = openDatabase<Tables>(url, { beforeCommit });
  await migrate(db, [auditMigrations]);
  await sql`create table if not exists notes (id text primary key)`.execute(db);
  await sql`create table if not exists naive_trail (seq integer, note text, prev_hash text, hash text)`.execute(
    db,
  );
  const trail = await start(db.withTables<AuditTables>());

  const write = async (id: string): Promise<void> => {
    await transact(db, (trx) => trx.insertInto('notes').values({ id }).execute());
    afterCommit();
  };
  const handler = route(writeNote).handle(async ({ params }) => {
    await write(params.id);
    return { status: 201 };
  });
  const server = await listen(express().use(trail.aroundWrites(createRouter([handler]))));

  const ways: Readonly<Record<Way, (id: string) => Promise<unknown>>> = {
    naive: (id) => writeNaively(db.withTables<NaiveTables>(), id, () => write(id)),
    ours: (id) => fetch(`${server.url}/notes/${id}`, { method: 'POST' }),
  };

  /** The hash before each entry, of those that are chained and of those that wait for it. */
  const readTrail = async (way: Way) => {
    if (way === 'naive')
      return { chained: await db.selectFrom('naive_trail').select('prev_hash').execute(), waiting: 0 };
    const waiting = await db.selectFrom('audit_pending').select('id').execute();
    const chained = await db.selectFrom('audit_entries').select('prev_hash').execute();
    return { chained, waiting: waiting.length };
  };

  return {
    ways,
    readTrail,
    countNotes: async () => (await db.selectFrom('notes').select('id').execute()).length,
    close: async () => {
      server.close();
      await resources.disposeAsync();
      await db.destroy();
    },
  };
};
