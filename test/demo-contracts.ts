import { randomUUIDv7 } from 'node:crypto';
import {
  combinedDemoSettings,
  composeDemo,
  openDemoDatabase,
  startDemoFlags,
} from '../combined-demo/src/index.ts';
import { loadSettings } from '../shared/src/config/index.ts';
import type { App } from '../shared/src/http/index.ts';
import { addProcessMetrics, createLogger, createMetrics } from '../shared/src/observability/index.ts';
import { startProvider } from '../slices/payment-intents/src/index.ts';
import { createAuditTrail, startUpstream } from '../slices/reliability-audit/src/index.ts';
import { createTestApp } from '../testing/src/index.ts';

/** The combined demo, only for its contracts and its OpenAPI document: its database is closed. */
export const createDemoApp = async (registry = createMetrics()): Promise<App> => {
  const { values: settings } = loadSettings(combinedDemoSettings, { env: { APP_ENV: 'test' } });
  const db = await openDemoDatabase('sqlite::memory:', {});
  const logger = createLogger({ service: 'contracts', level: 'silent' });
  await using resources = new AsyncDisposableStack();
  resources.defer(() => db.destroy());
  const flags = await startDemoFlags(db, { settings, registry, logger, resources });
  const provider = await startProvider({ settings: { ...settings, PORT: 0 }, resources, details: {} });
  const wrapped = await startUpstream({ settings, registry, resources });
  const audit = createAuditTrail(
    { settings, logger, resources },
    { now: () => new Date(), newId: randomUUIDv7 },
  );
  const trail = await audit.start(db);
  const context = { settings, registry, logger, resources, flags, trail, wrapped, provider, described: {} };
  return createTestApp(composeDemo(db, context), { registry });
};

/** The names of all series that the combined demo exports, also of those that have no values yet. */
export const readDemoMetrics = async (): Promise<ReadonlySet<string>> => {
  const registry = createMetrics();
  addProcessMetrics(registry);
  await createDemoApp(registry);
  const families = await registry.getMetricsAsJSON();
  const suffixes = ['', '_bucket', '_sum', '_count'];
  return new Set(families.flatMap(({ name }) => suffixes.map((suffix) => `${name}${suffix}`)));
};
