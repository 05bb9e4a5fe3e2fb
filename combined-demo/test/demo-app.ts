import { randomUUIDv7 } from 'node:crypto';
import { startAccounts } from '@lab/accounts';
import type { RunningFlags } from '@lab/env-config';
import { startProvider } from '@lab/payment-intents';
import { createServerLimiters } from '@lab/promo-rate-limit';
import { createAuditTrail, startUpstream } from '@lab/reliability-audit';
import { describeSettings, loadSettings } from '@lab/shared/config';
import { ping } from '@lab/shared/database';
import { createHealth, createLogger, createMetrics } from '@lab/shared/observability';
import { createTestApp, type DatabaseEngine, startApp } from '@lab/testing';
import { onTestFinished } from 'vitest';
import {
  combinedDemoSettings,
  composeDemo,
  createDemoAccounts,
  openDemoDatabase,
  startDemoFlags,
  stockShop,
} from '../src/index.ts';

export const alice = { Authorization: 'Bearer demo-alice' };
export const bob = { Authorization: 'Bearer demo-bob' };
export const operator = { 'X-Admin-Token': 'dev-admin-token' };

/** Tests send more than a caller may. */
const unlimited = { GENERAL_BUCKET_CAPACITY: '1000000', GENERAL_REFILL_PER_SECOND: '1000000' };

/** Passwords are hashed as cheaply as Argon2 allows: its cost is not the point here. */
const cheapHashes = { HASH_MEMORY_KIB: '8', HASH_PASSES: '1' };

/** The demo as it starts, with a small catalog and no gifts. Its database is closed after the test. */
export const openDemo = async (
  url: string,
  env: NodeJS.ProcessEnv = {},
  { around = (flags) => flags }: { around?: (flags: RunningFlags) => RunningFlags } = {},
) => {
  const given = {
    APP_ENV: 'test',
    SEED_PRODUCTS: '50',
    SEED_GIFTS: 'off',
    ...unlimited,
    ...cheapHashes,
    ...env,
  };
  const loaded = loadSettings(combinedDemoSettings, { env: given });
  const { values: settings } = loaded;
  const now = () => new Date();
  const resources = new AsyncDisposableStack();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const audit = createAuditTrail({ settings, logger, resources }, { now, newId: randomUUIDv7 });
  const db = await openDemoDatabase(url, { beforeCommit: audit.beforeCommit });
  onTestFinished(() => db.destroy());
  await stockShop(db, settings, { now });
  const trail = await audit.start(db);
  onTestFinished(() => resources.disposeAsync());
  const registry = createMetrics();
  const described = describeSettings(combinedDemoSettings, loaded);
  const flags = around(await startDemoFlags(db, { settings, registry, logger, resources }));
  const limiterOf = createServerLimiters({ registry });
  const accounts = createDemoAccounts(db, { settings, registry, limiterOf });
  await startAccounts(accounts, { db, settings, logger, resources, now });
  const health = createHealth({ database: () => ping(db) });
  const provider = await startProvider({ settings: { ...settings, PORT: 0 }, resources, details: {} });
  const wrapped = await startUpstream({ settings, registry, resources });
  const app = createTestApp(
    composeDemo(db, {
      ...{ settings, registry, described, logger, resources },
      ...{ flags, trail, wrapped, accounts, limiterOf, provider },
    }),
    {
      registry,
      health,
      namesDemoTokens: true,
    },
  );
  return { db, settings, app };
};

/** The demo on a new database, listening. */
export const startDemo = async (engine: DatabaseEngine) => {
  const { url } = await engine.open();
  const { db, app } = await openDemo(url);
  return { db, ...(await startApp(app)) };
};
