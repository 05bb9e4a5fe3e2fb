import { combinedDemoSettings, composeDemo, openDemoDatabase } from '../combined-demo/src/index.ts';
import { loadSettings } from '../shared/src/config/index.ts';
import type { App } from '../shared/src/http/index.ts';
import { createMetrics } from '../shared/src/observability/index.ts';
import { createTestApp } from '../testing/src/index.ts';

/** The combined demo, only for its contracts and its OpenAPI document: its database is closed. */
export const createDemoApp = async (): Promise<App> => {
  const { values: settings } = loadSettings(combinedDemoSettings, { env: { APP_ENV: 'test' } });
  const db = await openDemoDatabase('sqlite::memory:', {});
  const registry = createMetrics();
  const app = createTestApp(composeDemo(db, { settings, registry }), { registry });
  await db.destroy();
  return app;
};
