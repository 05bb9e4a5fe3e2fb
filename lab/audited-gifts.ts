/** Launches gift-grant for the benchmark, with an audit trail around its writes or, with `AUDIT=off`, without one. */
import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '../shared/src/database/index.ts';
import { serve } from '../shared/src/http/index.ts';
import {
  createGiftRouter,
  createIdempotency,
  type GiftTables,
  giftGrantSettings,
  giftMigrations,
  type IdempotencyTables,
  idempotencyMigrations,
} from '../slices/gift-grant/src/index.ts';
import {
  type AuditTables,
  auditMigrations,
  auditSettings,
  createAuditTrail,
} from '../slices/reliability-audit/src/index.ts';

type Tables = AuditTables & GiftTables & IdempotencyTables;

await serve({
  name: 'audited-gifts',
  title: 'Audited gifts',
  description: 'Grants gifts, for a benchmark.',
  settings: giftGrantSettings.extend(auditSettings()),
  start: async (server) => {
    const isAudited = process.env.AUDIT !== 'off';
    const now = () => new Date();
    const newId = randomUUIDv7;
    const audit = createAuditTrail(server, { now, newId });
    const migrations = [idempotencyMigrations, giftMigrations, auditMigrations];
    const db = await startDatabase<Tables>(server, migrations, undefined, isAudited ? audit : {});
    const idempotency = createIdempotency({ now }, { ttlMs: server.settings.IDEMPOTENCY_TTL_MS });
    const gifts = createGiftRouter({ db, idempotency, now, newId });
    return [isAudited ? (await audit.start(db)).aroundWrites(gifts) : gifts];
  },
});
