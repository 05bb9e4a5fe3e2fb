import { startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { startUpstream } from '@lab/reliability-audit';
import { startDatabase } from '@lab/shared/database';
import { serve } from '@lab/shared/http';
import { composeDemo } from './app.ts';
import { combinedDemoSettings } from './config.ts';
import { type DemoTables, demoMigrations } from './database.ts';
import { startParts } from './parts.ts';
import { stockShop } from './stock.ts';

await serve({
  name: 'combined-demo',
  title: 'eCommerce Lab',
  description:
    'A learning lab of e-commerce backend patterns. Each pattern is a slice that runs on its own; here all of them share one app, one database and one registry of metrics.',
  settings: combinedDemoSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const now = () => new Date();
    const db = await startDatabase<DemoTables>(server, demoMigrations, (opened) =>
      stockShop(opened, settings, { now }),
    );
    const onError = (error: unknown) =>
      logger.error({ err: error }, 'could not delete expired idempotency keys');
    const sweeper = startKeySweeper({ db, now, onError }, sweeperOptions(settings));
    resources.defer(() => sweeper.stop());
    const wrapped = await startUpstream(server);
    return composeDemo(db, { ...server, ...(await startParts(db, server)), wrapped });
  },
});
