import { randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations, startKeySweeper, sweeperOptions } from '@lab/gift-grant';
import { startDatabase } from '@lab/shared/database';
import { callerOptions, createCallers, serve } from '@lab/shared/http';
import { paymentIntentsSettings } from './config.ts';
import { createPaymentSlice, type PayingTables, paymentMigrations, startProvider, tag } from './index.ts';

await serve({
  name: 'payment-intents',
  title: 'Payment intents',
  description: tag.description,
  settings: paymentIntentsSettings,
  start: async (server) => {
    const { settings, logger, resources } = server;
    const db = await startDatabase<PayingTables>(server, [idempotencyMigrations, paymentMigrations]);
    const now = () => new Date();
    const onError = (err: unknown) => logger.error({ err }, 'could not delete expired idempotency keys');
    resources.use(startKeySweeper({ db, now, onError }, sweeperOptions(settings)));
    const idempotency = createIdempotency({ now }, { ttlMs: settings.IDEMPOTENCY_TTL_MS });
    const callers = createCallers(callerOptions(settings));
    const provider = await startProvider(server);
    const deps = { db, provider, idempotency, callers, now, newId: randomUUIDv7 };
    const slice = createPaymentSlice(server, deps);
    resources.use(slice.reconciler.start());
    return [slice.paymentRouter, slice.refundRouter, slice.webhookRouter];
  },
});
