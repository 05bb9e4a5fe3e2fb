import { z } from 'zod';
import { describeUrlFault } from '../database/database-url.ts';
import { commaList, defaultByEnvironment, environments, onOff, secret, wholeNumber } from './setting.ts';

const publicUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .transform((url) => url.replace(/(?<!\/)\/+$/, ''));

/** Settings of every server. A slice spreads them into its own schema. */
export const serverSettings = ({ port }: { readonly port: number }) => ({
  APP_ENV: z.enum(environments).default('development'),
  /** TCP port. */
  PORT: wholeNumber(0, 65_535).default(port),
  HOST: z.string().default('127.0.0.1'),
  /** Base of links in answers; `http://HOST:PORT` unless set. */
  PUBLIC_URL: publicUrl.optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a pino log level')
    .default('info'),
  /** Origins, separated by commas, that browsers may call from. */
  CORS_ORIGINS: commaList().default([]),
  /** Express's `trust proxy`: addresses or networks whose `X-Forwarded-For` counts. */
  TRUST_PROXY: z.string().optional(),
  /** How long requests under way may take to finish after a signal to stop. */
  SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000).default(10_000),
  /** How long the server goes on accepting after a signal, with readiness 503, so that load balancers notice. */
  DRAIN_DELAY_MS: defaultByEnvironment(wholeNumber(0, 600_000), {
    development: '0',
    test: '0',
    production: '5000',
  }),
  /** Longest time until the answer to a request begins. */
  REQUEST_DEADLINE_MS: wholeNumber(1, 600_000).default(30_000),
  /** Longest time that a client may take nothing of its answer. */
  WRITE_TIMEOUT_MS: wholeNumber(1, 600_000).default(30_000),
  /** Connections at once. */
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(10_000),
});

/** The values of `serverSettings`. */
export type NetworkSettings = z.output<z.ZodObject<ReturnType<typeof serverSettings>>>;

const tokenEntry = /^[A-Za-z0-9._~+/-]+=*=[1-9]\d{0,14}$/;

const tokenPairs = (text: string): [token: string, user: number][] =>
  text.split(',').map((entry) => {
    const equals = entry.lastIndexOf('=');
    return [entry.slice(0, equals).trim(), Number(entry.slice(equals + 1))];
  });

const authTokens = z
  .string()
  .refine(
    (text) => text.split(',').every((entry) => tokenEntry.test(entry.trim())),
    'must be token=user,token=user, each user a positive integer',
  )
  .transform((text): ReadonlyMap<string, number> => new Map(tokenPairs(text)));

/** Settings of servers whose routes act for a caller. Made anew for each schema: marks belong to an instance. */
export const callerSettings = () => ({
  /** Shoppers' bearer tokens: `token=user,token=user`. */
  AUTH_TOKENS: secret(authTokens.clone(), 'demo-alice=1,demo-bob=2', (text) =>
    tokenPairs(text).map(([token]) => token),
  ),
  /** The operators' token, sent as `X-Admin-Token`. */
  ADMIN_TOKEN: secret(z.string().min(8, 'must have at least 8 characters'), 'dev-admin-token'),
  /** Believe `X-User-Id`: behind a gateway that sets it, or in development. */
  TRUST_USER_HEADER: defaultByEnvironment(onOff(), { development: 'on', test: 'on', production: 'off' }),
});

const databaseUrl = z.string().check(({ value, issues }) => {
  const message = describeUrlFault(value);
  // The issue repeats no value: a database URL may hold a password.
  if (message) issues.push({ code: 'custom', input: undefined, message });
});

/** Settings of servers that store. `file` is where the embedded database lives unless a URL is given. */
export const databaseSettings = ({ file }: { readonly file: string }) => ({
  /** `sqlite:path`, `sqlite::memory:` or `postgres://...`. */
  DATABASE_URL: databaseUrl.default(`sqlite:${file}`),
  /** Statements slower than this are logged, without their values. */
  SLOW_QUERY_MS: wholeNumber(0, 600_000).default(100),
});
