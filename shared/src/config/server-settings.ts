import { z } from 'zod';
import { describeUrlFault } from '../database/database-url.ts';
import { host } from './host.ts';
import { baseUrl, originList } from './origins.ts';
import { defaultByEnvironment, environments, onOff, secret, wholeNumber } from './setting.ts';
import { trustedProxies } from './trusted-proxies.ts';

const onlyOutsideProduction = { development: 'on', test: 'on', production: 'off' } as const;

/**
 * Settings of every server, to spread into a slice's own schema. A new object each time, because marks belong to an
 * instance.
 */
export const serverSettings = ({ port }: { readonly port: number }) => ({
  APP_ENV: z
    .enum(environments)
    .default('development')
    .describe('`development`, `test` or `production`. Without it, `NODE_ENV` decides.'),
  PORT: wholeNumber(0, 65_535).default(port).describe('TCP port.'),
  HOST: host()
    .default('127.0.0.1')
    .describe('Address to listen on. If it is not a loopback address, development secrets are refused.'),
  PUBLIC_URL: baseUrl().optional().describe('Base URL of links in responses (default `http://HOST:PORT`).'),
  ADMIN_TOKEN: secret(
    z
      .string()
      .min(8, 'must have at least 8 characters')
      .regex(
        /^[!-~]*$/,
        'must be visible ASCII characters without spaces, because a header carries no others',
      ),
    'dev-admin-token',
  ).describe("The operators' token, sent as `X-Admin-Token`."),
  ADMIN_PORT: wholeNumber(0, 65_535)
    .optional()
    .describe(
      'TCP port, on HOST, for documentation, metrics, front page and health. It requires no token, so keep it within the private network.',
    ),
  PUBLIC_DOCS: defaultByEnvironment(onOff(), onlyOutsideProduction).describe(
    'Whether `/docs`, `/openapi.json` and the front page are public on PORT. If off, they are on ADMIN_PORT or, without an ADMIN_PORT, require `X-Admin-Token`.',
  ),
  PUBLIC_METRICS: defaultByEnvironment(onOff(), onlyOutsideProduction).describe('The same for `/metrics`.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'must be a pino log level')
    .default('info')
    .describe('A pino level: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.'),
  CORS_ORIGINS: originList()
    .default([])
    .describe('Origins, separated by commas, that browsers may call from.'),
  TRUST_PROXY: trustedProxies()
    .optional()
    .describe(
      "Express's `trust proxy`: how many proxies, or which addresses and networks, set `X-Forwarded-For`.",
    ),
  SHUTDOWN_TIMEOUT_MS: wholeNumber(0, 600_000)
    .default(10_000)
    .describe('How long requests in progress may take to finish after a signal to stop.'),
  DRAIN_DELAY_MS: defaultByEnvironment(wholeNumber(0, 600_000), {
    development: '0',
    test: '0',
    production: '5000',
  }).describe(
    'How long the server keeps accepting requests after a signal, with readiness 503, so that load balancers notice.',
  ),
  REQUEST_DEADLINE_MS: wholeNumber(1, 600_000)
    .default(30_000)
    .describe('Longest time until the response to a request begins.'),
  WRITE_TIMEOUT_MS: wholeNumber(1, 600_000)
    .default(30_000)
    .describe('Longest time that a client may go without reading any of its response.'),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(10_000).describe('Most connections at once.'),
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
  .refine((text) => text.split(',').every((entry) => tokenEntry.test(entry.trim())), {
    error: 'must be token=user,token=user, each user a positive integer',
    abort: true,
  })
  .refine((text) => {
    const tokens = tokenPairs(text).map(([token]) => token);
    return new Set(tokens).size === tokens.length;
  }, 'contains a token twice; each user needs a different token')
  .transform((text): ReadonlyMap<string, number> => new Map(tokenPairs(text)));

/** Settings of servers whose routes act for a shopper. A new object each time, as above. */
export const callerSettings = () => ({
  AUTH_TOKENS: secret(authTokens.clone(), 'demo-alice=1,demo-bob=2', {
    parts: (text) => tokenPairs(text).map(([token]) => token),
  }).describe("Shoppers' bearer tokens: `token=user,token=user`."),
  TRUST_USER_HEADER: defaultByEnvironment(onOff(), onlyOutsideProduction, { exposedDefault: 'off' }).describe(
    'Trust `X-User-Id`. Only behind a gateway that sets it, or if only the developer can reach the server.',
  ),
});

const databaseUrl = z.string().check(({ value, issues }) => {
  const message = describeUrlFault(value);
  // The issue does not repeat the value: a database URL may contain a password.
  if (message) issues.push({ code: 'custom', input: undefined, message });
});

/** Settings of servers with a database. `file` is the path of the default SQLite database. */
export const databaseSettings = ({ file }: { readonly file: string }) => ({
  DATABASE_URL: databaseUrl
    .default(`sqlite:${file}`)
    .describe('`sqlite:path`, `sqlite::memory:` or `postgres://...`.'),
  SLOW_QUERY_MS: wholeNumber(0, 600_000)
    .default(100)
    .describe('Statements slower than this are logged, without their values.'),
});
