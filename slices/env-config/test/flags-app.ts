import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSettings, loadSettings } from '@lab/shared/config';
import { migrate } from '@lab/shared/database';
import { callerOptions, createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createFakeClock, createSeededIds, createTestApp, type DatabaseEngine } from '@lab/testing';
import type { Kysely } from 'kysely';
import { onTestFinished } from 'vitest';
import {
  createEnvConfigRouters,
  envConfigSettings,
  type FlagTables,
  flagMigrations,
  startFlags,
} from '../src/index.ts';

export const operator = { 'X-Admin-Token': 'dev-admin-token' };
const MORNING = '2026-11-20T08:00:00.000Z';

const onOff = { variants: { on: true, off: false }, variant: 'on', off_variant: 'off' };

export const sampleFlags = {
  half: { ...onOff, rollout_percent: 50 },
  steady: onOff,
  color: {
    variants: { red: 'red', blue: 'blue' },
    variant: 'blue',
    off_variant: 'red',
    targeting: [{ when: { user: ['7'], environment: ['test'] }, variant: 'red' }],
  },
  welcome_by_time_of_day: onOff,
  welcome_offer: { ...onOff, targeting: [{ when: { user: ['7'] }, variant: 'off' }] },
};

/** A file of flags in a folder of its own; removed after the test. */
export const createFlagFile = (flags: object = sampleFlags) => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-flags-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'flags.json');
  const write = (text: string) => writeFileSync(file, text);
  write(JSON.stringify({ flags }));
  return { file, write, writeFlags: (changed: object) => write(JSON.stringify({ flags: changed })) };
};

const { values: settings, sources } = loadSettings(envConfigSettings, {
  directory: tmpdir(),
  env: { APP_ENV: 'test' },
});
const newId = createSeededIds(11);

/** Flags on a database that is there already, as each process starts them. */
export const runFlags = async (db: Kysely<FlagTables>, file: string, lines: string[] = []) => {
  const resources = new AsyncDisposableStack();
  onTestFinished(() => resources.disposeAsync());
  const registry = createMetrics();
  const { now, advance } = createFakeClock(MORNING);
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  // The tests refresh when they want to.
  const options = { file, environment: 'test', pollMs: 3_600_000 };
  const flags = await startFlags({ db, now, newId, registry, logger, resources }, options);
  return { flags, registry, now, advance, lines };
};

/** An app of the routes on an empty database, with the sample flags. */
export const openFlagsApp = async (engine: DatabaseEngine) => {
  const { db } = await engine.open<FlagTables>();
  await migrate(db, [flagMigrations]);
  const fileOfFlags = createFlagFile();
  const running = await runFlags(db, fileOfFlags.file);
  const routers = createEnvConfigRouters({
    flags: running.flags,
    now: running.now,
    callers: createCallers(callerOptions(settings)),
    environment: settings.APP_ENV,
    described: describeSettings(envConfigSettings, { values: settings, sources }),
  });
  return { app: createTestApp(routers, { registry: running.registry }), db, ...fileOfFlags, ...running };
};
