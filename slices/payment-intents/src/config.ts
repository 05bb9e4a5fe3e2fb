import { idempotencySettings } from '@lab/gift-grant';
import {
  baseUrl,
  callerSettings,
  databaseSettings,
  secret,
  serverSettings,
  wholeNumber,
} from '@lab/shared/config';
import { isKnownCurrency } from '@lab/shared/money';
import { z } from 'zod';

const HOUR_MS = 3_600_000;

/** The key that the small provider takes. With another one, the provider is Stripe. */
export const DEVELOPMENT_KEY = 'sk_test_smallprovider';
const DEVELOPMENT_WEBHOOK_SECRET = 'whsec_development_secret';

const entriesOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Settings of a server that takes payments. */
export const paymentSettings = () => ({
  STRIPE_SECRET_KEY: secret(
    z.string().regex(/^(?:sk|rk)_\w+$/, 'must be a secret key of Stripe'),
    DEVELOPMENT_KEY,
    { remedy: 'copy a secret key of your account from the dashboard of Stripe' },
  ).describe('Key of the account at Stripe. With the development one, the small provider is started.'),
  PAYMENT_PROVIDER_URL: baseUrl()
    .optional()
    .describe('Where the provider is (default: Stripe, or with the development key the small provider).'),
  PAYMENT_PROVIDER_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe('TCP port of the small provider (default: `PORT` + 100, or a free one if `PORT` is 0).'),
  PAYMENT_PROVIDER_DATABASE: z
    .string()
    .regex(/^sqlite:/, 'must be sqlite:path')
    .optional()
    .describe(
      'Where the small provider keeps its state (default: `sqlite:data/small-provider.db`, or in memory if `PORT` is 0).',
    ),
  PAYMENT_WEBHOOK_SECRETS: secret(
    z
      .string()
      .transform(entriesOf)
      .refine((secrets) => secrets.length > 0, 'must have at least one secret'),
    DEVELOPMENT_WEBHOOK_SECRET,
    {
      parts: entriesOf,
      remedy: 'copy the signing secret of your webhook endpoint from the dashboard of Stripe',
    },
  ).describe('Secrets of the webhook endpoint, separated by commas: more than one while they are rotated.'),
  PAYMENT_CURRENCIES: z
    .string()
    .default('USD,EUR,GBP,JPY')
    .transform(entriesOf)
    .refine((codes) => codes.length > 0 && codes.every(isKnownCurrency), 'must be codes of ISO 4217')
    .describe('Currencies that are accepted, separated by commas.'),
  PAYMENT_ATTEMPT_TIMEOUT_MS: wholeNumber(1, 60_000)
    .default(2000)
    .describe('Longest time of one call to the provider.'),
  PAYMENT_DEADLINE_MS: wholeNumber(1, 60_000)
    .default(5000)
    .describe('Longest time of a call with its repeats. After it the answer is 202.'),
  PAYMENT_CHECK_AFTER_MS: wholeNumber(1, HOUR_MS)
    .default(10_000)
    .describe('When the reconciler takes over what was begun.'),
  PAYMENT_RECONCILE_INTERVAL_MS: wholeNumber(1, HOUR_MS)
    .default(1000)
    .describe('Pause between two rounds of the reconciler.'),
  PAYMENT_LEASE_MS: wholeNumber(100, HOUR_MS)
    .default(15_000)
    .describe(
      'How long a process that is gone keeps another one from reconciling. Longer than the deadline.',
    ),
  PAYMENT_AUDIT_INTERVAL_MS: wholeNumber(1, 24 * HOUR_MS)
    .default(60_000)
    .describe('Pause between two comparisons with the payments that the provider has.'),
  PAYMENT_AUDIT_WINDOW_MS: wholeNumber(1, 90 * 24 * HOUR_MS)
    .default(24 * HOUR_MS)
    .describe(
      'How far back such a comparison looks at the start and once an hour; in between it takes what is new.',
    ),
  PAYMENT_GIVE_UP_MS: wholeNumber(1, 7 * 24 * HOUR_MS)
    .default(900_000)
    .describe('When a payment whose outcome stays unknown is canceled.'),
});

export type PaymentSettings = z.output<z.ZodObject<ReturnType<typeof paymentSettings>>>;

export const paymentIntentsSettings = z.object({
  ...serverSettings({ port: 3014 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/payment-intents.db' }),
  ...idempotencySettings(),
  ...paymentSettings(),
});
