import { startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { loadSettings } from '@lab/shared/config';
import { databaseOptions, engineOf } from '@lab/shared/database';
import { launch, networkOptions, serve } from '@lab/shared/http';
import { observeServer } from '@lab/shared/observability';
import { createDemoApp } from './app.ts';
import { combinedDemoSettings } from './config.ts';
import { openDemoDatabase } from './database.ts';
import { stockShop } from './stock.ts';

await launch(async () => {
  const { values: settings } = loadSettings(combinedDemoSettings);
  const { logger, registry } = observeServer('combined-demo', settings);
  const db = await openDemoDatabase(settings.DATABASE_URL, databaseOptions(settings, logger));
  const now = () => new Date();
  await stockShop(db, settings, { now });
  const app = createDemoApp({ settings, db, logger, registry });
  const onError = (error: unknown) => logger.error({ err: error }, 'expired keys could not be swept');
  const sweeper = startKeySweeper({ db, now, onError }, sweeperOptions(settings));

  const details = { database: engineOf(db) };
  const close = () => sweeper.stop().then(() => db.destroy());
  await serve(app, { ...networkOptions(settings), details, close });
});
