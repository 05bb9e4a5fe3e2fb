import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf } from '@lab/shared/database';
import { launch, networkOptions, serve } from '@lab/shared/http';
import { observeServer } from '@lab/shared/observability';
import { createDemoApp } from './app.ts';
import { combinedDemoSettings } from './config.ts';
import { openDemoDatabase } from './database.ts';

await launch(async () => {
  const { values: settings } = loadSettings(combinedDemoSettings);
  const { logger, registry } = observeServer('combined-demo', settings);
  const db = await openDemoDatabase(settings.DATABASE_URL, databaseOptions(settings, logger));
  const app = createDemoApp({ settings, db, logger, registry });
  const details = { database: engineOf(db) };
  await serve(app, { ...networkOptions(settings), details, close: () => db.destroy() });
});
