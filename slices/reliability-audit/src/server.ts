import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { createCursors } from '@lab/shared/pagination';
import { createAuditRouter } from './audit/audit-router.ts';
import type { AuditTables } from './audit/audit-statements.ts';
import { createAuditTrail } from './audit/audit-trail.ts';
import { reliabilityAuditSettings } from './config.ts';
import { auditMigrations } from './migrations.ts';
import { startUpstream, wrappedOptions } from './wrapped/start-upstream.ts';
import { tag } from './wrapped/wrapped-contract.ts';
import { createWrappedRouter } from './wrapped/wrapped-router.ts';

await serve({
  name: 'reliability-audit',
  title: 'Reliability and audit',
  description: tag.description,
  settings: reliabilityAuditSettings,
  start: async (server) => {
    const db = await startDatabase<AuditTables>(server, [auditMigrations]);
    const trail = createAuditTrail(server, { now: () => new Date(), newId: randomUUIDv7 });
    const { calls: audit, headFile } = await trail.start(db);
    const { url, upstream, policy } = await startUpstream(server);
    server.details.upstream = url;
    const wrapped = createWrappedRouter({ upstream, policy, audit }, wrappedOptions(server.settings));
    const cursors = createCursors({ secret: server.settings.CURSOR_SECRET, list: 'audit' });
    const callers = createCallers(callerOptions(server.settings));
    return [wrapped, createAuditRouter({ db, cursors, callers, headFile })];
  },
});
