/** Launches wrapped calls and an audited write, `POST /notes/:id`. With the argument `late` it answers before its entries are on disk. */
import { randomUUIDv7 } from 'node:crypto';
import { startDatabase, transact } from '@lab/shared/database';
import { callerOptions, contextOf, createCallers, createRouter, route, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { sql } from 'kysely';
import { writeNote } from '../lab/notes.ts';
import type { AuditTables } from '../src/audit/audit-statements.ts';
import {
  auditMigrations,
  createAuditRouter,
  createAuditTrail,
  createWrappedRouter,
  reliabilityAuditSettings,
  startUpstream,
  type WrappedAudit,
  wrappedOptions,
} from '../src/index.ts';

const LATER_MS = 20;
const isLate = process.argv[2] === 'late';

type NoteTables = AuditTables & { notes: { id: string } };

const late = (calls: WrappedAudit): WrappedAudit => ({
  started: async (call) => {
    setTimeout(() => void calls.started(call).catch(() => undefined), LATER_MS);
    return '';
  },
  completed: async () => undefined,
});

await serve({
  name: 'audited-notes',
  title: 'Audited notes',
  description: 'Wrapped calls and a write with an audit trail.',
  settings: reliabilityAuditSettings,
  start: async (server) => {
    const audit = createAuditTrail(server, { now: () => new Date(), newId: randomUUIDv7 });
    const db = await startDatabase<NoteTables>(
      server,
      [auditMigrations],
      async (opened) => {
        await sql`create table if not exists notes (id text primary key)`.execute(opened);
      },
      isLate ? {} : audit,
    );
    const trail = await audit.start(db.withTables<AuditTables>());
    const calls = isLate ? late(trail.calls) : trail.calls;
    const notes = route(writeNote).handle(async (req, res) => {
      const { id } = req.params;
      await transact(db, (trx) => trx.insertInto('notes').values({ id }).execute());
      const { requestId, trace } = contextOf(req, res);
      const call = { method: 'POST', resource: `/notes/${id}`, caller: undefined, requestId, ...trace };
      if (isLate) await calls.started(call);
      return { status: 201 };
    });
    const wrapped = createWrappedRouter(
      { ...(await startUpstream(server)), audit: calls },
      wrappedOptions(server.settings),
    );
    const cursors = createCursors({ secret: server.settings.CURSOR_SECRET, list: 'audit' });
    const callers = createCallers(callerOptions(server.settings));
    return [
      trail.aroundWrites(createRouter([notes])),
      wrapped,
      createAuditRouter({ db, cursors, callers, headFile: trail.headFile }),
    ];
  },
});
