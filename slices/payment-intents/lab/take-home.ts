import { randomUUIDv7 } from 'node:crypto';
import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import {
  createPaymentSlice,
  type PayingTables,
  paymentMigrations,
  paymentSettings,
  startProvider,
} from '@lab/payment-intents';
import { migrate, openDatabase } from '@lab/shared/database';
import { createCallers, problemHandler } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import express from 'express';
import { z } from 'zod';

/** Your own Express app, with the slice mounted under a prefix of your choice. Dispose `resources` when it stops. */
export const createOwnApp = async (
  databaseUrl: string,
  providerUrl: string,
  resources: AsyncDisposableStack,
) => {
  const db = openDatabase<PayingTables>(databaseUrl);
  resources.defer(() => db.destroy());
  await migrate(db, [idempotencyMigrations, paymentMigrations]);
  const now = () => new Date();
  const settings = z.object(paymentSettings()).parse({
    STRIPE_SECRET_KEY: 'sk_test_yours',
    PAYMENT_PROVIDER_URL: providerUrl,
    PAYMENT_WEBHOOK_SECRETS: 'whsec_yours',
  });
  const provider = await startProvider({ settings: { ...settings, PORT: 0 }, resources, details: {} });
  const { paymentRouter, refundRouter, webhookRouter, reconciler } = createPaymentSlice(
    { settings, registry: createMetrics(), logger: createLogger({ service: 'my-shop', level: 'warn' }) },
    {
      db,
      provider,
      idempotency: createIdempotency({ now }, { ttlMs: 86_400_000 }),
      callers: createCallers({
        authTokens: new Map([['alice', 1]]),
        adminToken: 'my-token',
        trustUserHeader: false,
      }),
      now,
      newId: randomUUIDv7,
    },
  );
  resources.use(reconciler.start());

  const app = express();
  app.get('/', (_req, res) => void res.send('My shop'));
  app.use('/shop', paymentRouter, refundRouter, webhookRouter);
  app.use(problemHandler({ publicUrl: 'https://shop.example' }));
  return app;
};
