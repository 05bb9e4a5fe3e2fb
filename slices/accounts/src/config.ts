import {
  callerSettings,
  databaseSettings,
  defaultByEnvironment,
  onOff,
  secret,
  serverSettings,
  wholeNumber,
} from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { z } from 'zod';
import { keepsMails } from './mail/choose-mailer.ts';
import { readPrivateKey } from './sessions/signing-keys.ts';

const DAY_MS = 86_400_000;

/** With at most three decimals, as promo-rate-limit's buckets count. */
const perSecond = () =>
  z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, 'must be a number from 0.001 to 9999 with at most three decimals')
    .transform(Number)
    .refine((value) => value > 0, 'must be more than 0');

/** Mails to one address: five, and then one in five and a half minutes. */
const MAILS = { capacity: 5, refillPerSecond: 0.003 };

/** Settings of a server that has accounts. A new object each time, because marks belong to an instance. */
export const accountSettings = () => ({
  /** Life of an access token. */
  ACCESS_TTL_MS: wholeNumber(1000, DAY_MS).default(600_000),
  /** Life of a session. Use does not extend it. */
  REFRESH_TTL_MS: wholeNumber(1000, 365 * DAY_MS).default(30 * DAY_MS),
  /** How long the refresh token just replaced is answered with its successor. */
  REFRESH_GRACE_MS: wholeNumber(0, 600_000).default(10_000),
  /** Life of a verification token. */
  VERIFICATION_TTL_MS: wholeNumber(1000, 30 * DAY_MS).default(DAY_MS),
  /** An Ed25519 key as PEM (PKCS #8), in which \n may stand for line breaks. Default: made and kept in the database. */
  JWT_PRIVATE_KEY: secret(
    z
      .string()
      .refine((pem) => readPrivateKey(pem) !== undefined, 'must be an Ed25519 private key as PEM (PKCS #8)')
      .optional(),
  ),
  /** The claims `iss` and `aud` of access tokens. */
  JWT_ISSUER: z.string().min(1).max(200).default('ecommerce-lab'),
  JWT_AUDIENCE: z.string().min(1).max(200).default('ecommerce-lab'),
  /** Derives refresh tokens. Default: made and kept in the database. */
  REFRESH_SECRET: secret(z.string().min(32, 'must have at least 32 characters').optional()),
  /** Argon2id: memory, passes, and passwords hashed at once. */
  HASH_MEMORY_KIB: wholeNumber(8, 1_048_576).default(19_456),
  HASH_PASSES: wholeNumber(1, 100).default(2),
  HASH_CONCURRENCY: wholeNumber(1, 64).default(2),
  /** How many more passwords may wait to be hashed. */
  HASH_QUEUE: wholeNumber(0, 10_000).default(100),
  /** Failed attempts at one account: at once, and then per second. */
  LOGIN_ADDRESS_CAPACITY: wholeNumber(1, 1_000_000).default(20),
  LOGIN_ADDRESS_REFILL_PER_SECOND: perSecond().default(0.1),
  /** Attempts of one client. */
  LOGIN_CLIENT_CAPACITY: wholeNumber(1, 1_000_000).default(300),
  LOGIN_CLIENT_REFILL_PER_SECOND: perSecond().default(5),
  /** `smtp://user:password@host:587`. Without it, mails go to a table, and in production to nobody. */
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be smtp://... or smtps://...' }).optional(),
  /** The sender of mails. */
  MAIL_FROM: z.string().min(3).max(254).default('shop@localhost'),
  /** Whether an empty table gets the sample accounts, whose password is known to all. */
  SEED_ACCOUNTS: defaultByEnvironment(onOff(), { development: 'on', test: 'on', production: 'off' }),
  /** Pause between two deletions of expired sessions and tokens. */
  ACCOUNT_SWEEP_INTERVAL_MS: wholeNumber(1, DAY_MS).default(60_000),
});

export const accountsSettings = z.object({
  ...serverSettings({ port: 3010 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/accounts.db' }),
  ...cursorSettings(),
  ...accountSettings(),
});

export type AccountSettings = z.output<z.ZodObject<ReturnType<typeof accountSettings>>>;

/** The options of `createAccounts` from the settings. */
export const accountOptions = (settings: AccountSettings & { readonly APP_ENV: string }) => ({
  showsMails: keepsMails(settings),
  session: { ttlMs: settings.REFRESH_TTL_MS, graceMs: settings.REFRESH_GRACE_MS },
  token: { issuer: settings.JWT_ISSUER, audience: settings.JWT_AUDIENCE, ttlMs: settings.ACCESS_TTL_MS },
  hash: {
    cost: { memory: settings.HASH_MEMORY_KIB, passes: settings.HASH_PASSES, lanes: 1 },
    concurrency: settings.HASH_CONCURRENCY,
    maxWaiting: settings.HASH_QUEUE,
  },
  verificationTtlMs: settings.VERIFICATION_TTL_MS,
  limits: {
    byAddress: {
      capacity: settings.LOGIN_ADDRESS_CAPACITY,
      refillPerSecond: settings.LOGIN_ADDRESS_REFILL_PER_SECOND,
    },
    byClient: {
      capacity: settings.LOGIN_CLIENT_CAPACITY,
      refillPerSecond: settings.LOGIN_CLIENT_REFILL_PER_SECOND,
    },
    byRecipient: MAILS,
  },
  privateKey: settings.JWT_PRIVATE_KEY === undefined ? undefined : readPrivateKey(settings.JWT_PRIVATE_KEY),
  refreshSecret: settings.REFRESH_SECRET,
});

export type AccountOptions = ReturnType<typeof accountOptions>;
