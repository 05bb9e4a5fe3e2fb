import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createSeededIds, createSeededRandom, createTestApp, type DatabaseEngine } from '@lab/testing';
import { onTestFinished } from 'vitest';
import {
  createPaymentSlice,
  type PaidOrders,
  type PayingTables,
  paymentMigrations,
  startSmallProvider,
} from '../src/index.ts';
import { createProviderPolicy } from '../src/provider/provider-policy.ts';
import { createStripeProvider } from '../src/provider/stripe-provider.ts';

export const SECRET = 'whsec_of_the_test';

/** A small provider with nothing in it, until the end of the test. */
export const openProvider = async (seed = 1) => {
  const provider = await startSmallProvider({
    databaseUrl: 'sqlite::memory:',
    webhookSecret: SECRET,
    random: createSeededRandom(seed),
  });
  onTestFinished(provider.close);
  return provider;
};

/** A clock that goes, and can be put forward. */
const createClock = () => {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    advance: (ms: number): void => {
      aheadMs += ms;
    },
  };
};

interface Options {
  readonly orders?: PaidOrders;
  readonly seed?: number;
  readonly deadlineMs?: number;
}

/** The slice on an empty database, with a small provider. Nothing is reconciled unless the test says so. */
export const openPayments = async (
  engine: DatabaseEngine,
  { orders, seed = 1, deadlineMs = 1000 }: Options = {},
) => {
  const { db, url } = await engine.open<PayingTables>();
  await migrate(db, [idempotencyMigrations, paymentMigrations]);
  const { now, advance } = createClock();
  const small = await openProvider(seed);
  const attemptTimeoutMs = Math.min(500, deadlineMs);
  const policy = createProviderPolicy({ attemptTimeoutMs, deadlineMs });
  const provider = createStripeProvider(
    { url: small.url, secretKey: 'sk_test_test', attemptTimeoutMs },
    { ...policy, baseMs: 5, capMs: 20 },
  );
  const registry = createMetrics();
  const slice = createPaymentSlice(
    {
      settings: {
        PAYMENT_WEBHOOK_SECRETS: [SECRET, 'whsec_of_next_month'],
        PAYMENT_CURRENCIES: ['USD', 'EUR', 'JPY'],
        PAYMENT_ATTEMPT_TIMEOUT_MS: attemptTimeoutMs,
        PAYMENT_DEADLINE_MS: deadlineMs,
        PAYMENT_CHECK_AFTER_MS: 10_000,
        PAYMENT_RECONCILE_INTERVAL_MS: 1000,
        PAYMENT_LEASE_MS: 15_000,
        PAYMENT_AUDIT_INTERVAL_MS: 60_000,
        PAYMENT_AUDIT_WINDOW_MS: 86_400_000,
        PAYMENT_GIVE_UP_MS: 900_000,
      },
      registry,
      logger: createLogger({ service: 'test', level: 'silent' }),
    },
    {
      db,
      provider,
      idempotency: createIdempotency({ now }, { ttlMs: 86_400_000 }),
      callers: createCallers({
        authTokens: new Map([['alice', 1]]),
        adminToken: 'dev-admin-token',
        trustUserHeader: true,
      }),
      now,
      newId: createSeededIds(seed, now),
      orders,
    },
  );
  const app = createTestApp([slice.paymentRouter, slice.refundRouter, slice.webhookRouter], { registry });
  return { ...slice, app, db, url, now, advance, small, provider, registry };
};
