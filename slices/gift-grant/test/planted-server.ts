/** Serves the gift routes with the bug that its argument names. */
import { randomUUIDv7 } from 'node:crypto';
import { loadSettings } from '@lab/shared/config';
import { migrate, openDatabase } from '@lab/shared/database';
import { createApp, networkOptions, serve } from '@lab/shared/http';
import { createHealth, observeServer } from '@lab/shared/observability';
import { sql } from 'kysely';
import { giftGrantSettings } from '../src/config.ts';
import { giftMigrations } from '../src/gift-store.ts';
import { createIdempotency } from '../src/idempotency.ts';
import { idempotencyMigrations } from '../src/idempotency-keys.ts';
import { createGiftRouter, type GiftGrantTables, grantOperation } from '../src/router.ts';
import { plantedBugs } from './planted-bugs.ts';

const bug = process.argv[2] ?? '';
const { values: settings } = loadSettings(giftGrantSettings);
const { logger, registry } = observeServer('planted', settings);
const db = openDatabase<GiftGrantTables>(settings.DATABASE_URL);
await migrate(db, [idempotencyMigrations, giftMigrations]);
const now = () => new Date();
const correct = createIdempotency({ now }, { ...grantOperation, ttlMs: settings.IDEMPOTENCY_TTL_MS });
const idempotency = (await plantedBugs.get(bug)?.(db)) ?? correct;
if (bug === 'no fsync') await sql`pragma synchronous = off`.execute(db);

const network = networkOptions(settings);
const router = createGiftRouter({ db, idempotency, now, newId: randomUUIDv7 });
const about = { title: 'Planted', description: 'Has a bug.', version: '0.1.0' };
const app = createApp(
  { ...about, ...network },
  { routers: [router], logger, registry, health: createHealth({}) },
);
await serve(app, network);
