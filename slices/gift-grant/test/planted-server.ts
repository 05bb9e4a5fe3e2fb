/** Serves the gift routes with the bug that its argument names. */
import { randomUUIDv7 } from 'node:crypto';
import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { sql } from 'kysely';
import { giftGrantSettings } from '../src/config.ts';
import { createIdempotency } from '../src/idempotency.ts';
import { giftMigrations, idempotencyMigrations } from '../src/migrations.ts';
import { createGiftRouter, type GiftGrantTables } from '../src/router.ts';
import { plantedBugs } from './planted-bugs.ts';

const bug = process.argv[2] ?? '';

await serve({
  name: 'planted',
  title: 'Planted',
  description: 'Has a bug.',
  settings: giftGrantSettings,
  start: async (server) => {
    const db = await startDatabase<GiftGrantTables>(server, [idempotencyMigrations, giftMigrations]);
    const now = () => new Date();
    const ttlMs = server.settings.IDEMPOTENCY_TTL_MS;
    const correct = createIdempotency({ now }, { ttlMs });
    const idempotency = (await plantedBugs.get(bug)?.(db)) ?? correct;
    if (bug === 'no fsync') await sql`pragma synchronous = off`.execute(db);
    return [createGiftRouter({ db, idempotency, now, newId: randomUUIDv7 })];
  },
});
