import { startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { startUpstream } from '@lab/reliability-audit';
import { serve } from '@lab/shared/http';
import { composeDemo } from './app.ts';
import { startAuditedDatabase } from './audited-database.ts';
import { combinedDemoSettings } from './config.ts';
import { startParts } from './parts.ts';

await serve({
  name: 'combined-demo',
  title: 'eCommerce Lab',
  description:
    'A learning lab of e-commerce backend patterns. Each pattern is a slice that runs on its own; here all of them share one app, one database and one registry of metrics.',
  settings: combinedDemoSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const now = () => new Date();
    const { db, trail } = await startAuditedDatabase(server, { now });
    const onError = (error: unknown) =>
      logger.error({ err: error }, 'could not delete expired idempotency keys');
    const sweeper = startKeySweeper({ db, now, onError }, sweeperOptions(settings));
    resources.defer(() => sweeper.stop());
    const wrapped = await startUpstream(server);
    return composeDemo(db, { ...server, trail, ...(await startParts(db, server)), wrapped });
  },
});
