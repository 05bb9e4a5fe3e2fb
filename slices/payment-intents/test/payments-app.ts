import { createIdempotency, idempotencyMigrations } from '@lab/gift-grant';
import { migrate } from '@lab/shared/database';
import { createCallers } from '@lab/shared/http';
import { createLogger, createMetrics } from '@lab/shared/observability';
import { createSeededIds, createSeededRandom, createTestApp, type DatabaseEngine } from '@lab/testing';
import type { Kysely } from 'kysely';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  createPaymentSlice,
  type PaidOrders,
  type PayingTables,
  paymentMigrations,
  paymentSettings,
  startSmallProvider,
} from '../src/index.ts';
import { createProviderPolicy } from '../src/provider/provider-policy.ts';
import { createStripeProvider } from '../src/provider/stripe-provider.ts';

export const SECRET = 'whsec_of_the_test';

/** A small provider with nothing in it, until the end of the test. */
export const openProvider = async (seed = 1, now = () => new Date()) => {
  const requests: string[] = [];
  const provider = await startSmallProvider({
    databaseUrl: 'sqlite::memory:',
    webhookSecret: SECRET,
    random: createSeededRandom(seed),
    now,
    onRequest: (line) => requests.push(line),
  });
  onTestFinished(provider.close);
  return { ...provider, requests };
};

/** A clock that goes, and can be put forward and back. */
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

/** The slice on a database and a provider. Nothing is reconciled unless the test says so. */
export const sliceOn = (
  db: Kysely<PayingTables>,
  providerUrl: string,
  {
    orders,
    seed = 1,
    deadlineMs = 1000,
    now = () => new Date(),
  }: Options & { readonly now?: () => Date } = {},
) => {
  const attemptTimeoutMs = Math.min(500, deadlineMs);
  const policy = createProviderPolicy({ attemptTimeoutMs, deadlineMs });
  const provider = createStripeProvider(
    { url: providerUrl, secretKey: 'sk_test_test', attemptTimeoutMs },
    { ...policy, baseMs: 5, capMs: 20 },
  );
  const registry = createMetrics();
  const settings = z.object(paymentSettings()).parse({
    STRIPE_SECRET_KEY: 'sk_test_test',
    PAYMENT_WEBHOOK_SECRETS: `${SECRET}, whsec_of_next_month`,
    PAYMENT_CURRENCIES: 'USD,EUR,JPY',
  });
  const slice = createPaymentSlice(
    { settings, registry, logger: createLogger({ service: 'test', level: 'silent' }) },
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
  return { ...slice, provider, registry };
};

/** The slice on an empty database, with a small provider and a clock for both that can be put forward and back. */
export const openPayments = async (engine: DatabaseEngine, options: Options = {}) => {
  const { db, url } = await engine.open<PayingTables>();
  await migrate(db, [idempotencyMigrations, paymentMigrations]);
  const { now, advance } = createClock();
  const small = await openProvider(options.seed, now);
  const slice = sliceOn(db, small.url, { ...options, now });
  const { paymentRouter, refundRouter, webhookRouter, registry } = slice;
  const app = createTestApp([paymentRouter, refundRouter, webhookRouter], { registry });
  return { ...slice, app, db, url, now, advance, small };
};
