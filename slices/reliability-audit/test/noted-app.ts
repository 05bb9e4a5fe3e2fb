import { randomUUIDv7 } from 'node:crypto';
import { loadSettings } from '@lab/shared/config';
import { type Executor, migrate, transact } from '@lab/shared/database';
import {
  callerOptions,
  createCallers,
  createRouter,
  defineProblem,
  defineRoute,
  ProblemError,
  route,
} from '@lab/shared/http';
import { createLogger } from '@lab/shared/observability';
import { createCursors } from '@lab/shared/pagination';
import { createTestApp, type DatabaseEngine, startApp } from '@lab/testing';
import { sql, type Transaction } from 'kysely';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { AuditTables } from '../src/audit/audit-statements.ts';
import { reliabilityAuditSettings } from '../src/config.ts';
import { auditMigrations, createAuditRouter, createAuditTrail } from '../src/index.ts';

export const operator = { 'X-Admin-Token': 'dev-admin-token' };
const alice = { Authorization: 'Bearer demo-alice' };

type NoteTables = AuditTables & { notes: { id: string } };
type NoteDb = Executor<NoteTables>;

const refused = defineProblem({ code: 'refused', status: 409, title: 'No', explanation: 'No.' });

const insertNote = (db: NoteDb, id: string) =>
  db
    .insertInto('notes')
    .values({ id })
    .onConflict((conflict) => conflict.doNothing())
    .execute();

const refuse = (): never => {
  throw new ProblemError(refused);
};

/** What a request may do with the database. */
const ways: Readonly<Record<string, (db: NoteDb, id: string) => Promise<unknown>>> = {
  write: (db, id) => transact(db, (trx) => insertNote(trx, id)),
  'write twice': async (db, id) => {
    await transact(db, (trx) => insertNote(trx, id));
    await transact(db, (trx) => insertNote(trx, `${id} again`));
  },
  'write in parallel': (db, id) =>
    Promise.all([1, 2, 3].map((number) => transact(db, (trx) => insertNote(trx, `${id} ${number}`)))),
  'join a transaction': (db, id) =>
    transact(db, async (trx) => {
      await transact(trx, (inner) => insertNote(inner, id));
      await insertNote(trx, `${id} again`);
    }),
  read: (db) => transact(db, (trx) => trx.selectFrom('notes').selectAll().execute()),
  'roll back': (db, id) =>
    transact(db, async (trx) => {
      await insertNote(trx, id);
      refuse();
    }),
  'write, then refuse': async (db, id) => {
    await transact(db, (trx) => insertNote(trx, id));
    refuse();
  },
  'roll back, then write': async (db, id) => {
    const failing = transact(db, async (trx: Transaction<NoteTables>) => {
      await insertNote(trx, `${id} first`);
      refuse();
    });
    await failing.catch(() => undefined);
    await transact(db, (trx) => insertNote(trx, id));
  },
};

const contract = defineRoute({
  method: 'POST',
  path: '/notes/:id/:way',
  name: 'writeNote',
  summary: 'Write a note in some way',
  tag: 'notes',
  caller: 'either',
  params: z.strictObject({ id: z.string(), way: z.string() }),
  query: z.looseObject({}),
  responses: { 201: { description: 'Done' } },
  problems: [refused],
});

const forget = defineRoute({
  method: 'DELETE',
  path: '/caches/:name',
  name: 'forgetCache',
  summary: 'Forget what is in no database',
  tag: 'notes',
  caller: 'operator',
  params: z.strictObject({ name: z.string() }),
  responses: { 204: { description: 'Done' } },
  problems: [refused],
});

export interface NotedAppOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly way?: (db: NoteDb, id: string) => Promise<unknown>;
}

/** An app that writes notes, with an audit trail around it. */
export const openNotedApp = async (engine: DatabaseEngine, { env = {}, way }: NotedAppOptions = {}) => {
  const { values: settings } = loadSettings(reliabilityAuditSettings, { env: { APP_ENV: 'test', ...env } });
  const resources = new AsyncDisposableStack();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const context = { settings, logger, resources };
  const trail = createAuditTrail(context, { now: () => new Date(), newId: randomUUIDv7 });
  const { db, url } = await engine.open<NoteTables>({ beforeCommit: trail.beforeCommit });
  await migrate(db, [auditMigrations]);
  await sql`create table notes (id text primary key)`.execute(db);
  const { aroundWrites, aroundRoutes, calls, headFile } = await trail.start(db.withTables<AuditTables>());
  onTestFinished(() => resources.disposeAsync());
  const callers = createCallers(callerOptions(settings));
  const notes = route(contract).handle(async ({ params }) => {
    await (way ?? ways[params.way] ?? refuse)(db, params.id);
    return { status: 201 };
  });
  const forgotten: string[] = [];
  const caches = route(forget).handle(async ({ params }) => {
    if (params.name === 'sacred') refuse();
    forgotten.push(params.name);
    return { status: 204 };
  });
  const cursors = createCursors({ secret: settings.CURSOR_SECRET, list: 'audit' });
  const app = createTestApp([
    aroundWrites(createRouter([notes], { callers })),
    aroundWrites(aroundRoutes(createRouter([caches], { callers }), ['forgetCache'])),
    createAuditRouter({ db, cursors, callers, headFile }),
  ]);
  return { app, db, url, calls, forgotten };
};

const auditBody = z.object({
  items: z.array(
    z.object({
      seq: z.number().nullable(),
      id: z.string(),
      actor: z.string(),
      action: z.string(),
      resource: z.string(),
      outcome: z.string(),
      status: z.number().nullable(),
      request_id: z.string(),
      hash: z.string().nullable(),
    }),
  ),
});

/** The same app, listening. */
export const startNotedApp = async (engine: DatabaseEngine, options?: NotedAppOptions) => {
  const { app, ...rest } = await openNotedApp(engine, options);
  const { request, url: address } = await startApp(app);
  const audit = async (query = '') =>
    auditBody.parse((await request('GET', `/audit?${query}`, { headers: operator })).body).items;
  const verify = async (query = '') =>
    (await request('GET', `/audit/verify?${query}`, { headers: operator })).body;
  const write = (way: string, id = 'first') =>
    request('POST', `/notes/${id}/${encodeURIComponent(way)}`, { headers: alice });
  return { ...rest, address, request, audit, verify, write };
};
