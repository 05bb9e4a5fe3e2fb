import { randomUUIDv7 } from 'node:crypto';
import { createAuditTrail } from '@lab/reliability-audit';
import { startDatabase } from '@lab/shared/database';
import type { ServerContext } from '@lab/shared/http';
import type { CombinedDemoSettings } from './config.ts';
import { type DemoTables, demoMigrations } from './database.ts';
import { stockShop } from './stock.ts';

/** Opens the database of a starting server. Each write that a request makes commits with its audit entry. */
export const startAuditedDatabase = async (
  server: ServerContext<CombinedDemoSettings>,
  { now }: { readonly now: () => Date },
) => {
  const audit = createAuditTrail(server, { now, newId: randomUUIDv7 });
  const db = await startDatabase<DemoTables>(
    server,
    demoMigrations,
    (opened) => stockShop(opened, server.settings, { now }),
    audit,
  );
  return { db, trail: await audit.start(db) };
};
