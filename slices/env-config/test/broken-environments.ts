/** An environment in which no server may start. */
export interface BrokenEnvironment {
  readonly env?: NodeJS.ProcessEnv;
  /** Files in the folder of the server; undefined is a folder of that name. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** The settings that must be named, all of them at once. */
  readonly faults: readonly string[];
}

const goodToken = 'a-token-of-an-operator-with-enough-characters';
const goodShoppers = 'a-token-of-a-shopper-with-enough-characters=1';

/** One wrong value each. */
const wrongValues: readonly (readonly [name: string, text: string])[] = [
  ['PORT', 'eighty-eight'],
  ['PORT', '655360000'],
  ['PORT', '80.5000'],
  ['PORT', '0x1F90'],
  ['HOST', 'http://127.0.0.1'],
  ['HOST', '[::1]:3009'],
  ['HOST', '256.256.256.256'],
  ['PUBLIC_URL', 'shop.example/base'],
  ['PUBLIC_URL', 'ftp://shop.example'],
  ['PUBLIC_URL', 'https://user:pass-word@shop.example'],
  ['PUBLIC_URL', 'https://shop.example/?page=1'],
  ['ADMIN_TOKEN', 'seven-7'],
  ['ADMIN_TOKEN', 'a token with spaces'],
  ['ADMIN_TOKEN', 'ein-Schlüssel'],
  ['ADMIN_PORT', '99999999'],
  ['PUBLIC_DOCS', 'maybe-later'],
  ['PUBLIC_METRICS', 'yes-please'],
  ['LOG_LEVEL', 'chatty-level'],
  ['CORS_ORIGINS', '*'],
  ['CORS_ORIGINS', 'https://shop.example/path'],
  ['CORS_ORIGINS', 'https://SHOP.example'],
  ['TRUST_PROXY', 'everyone-there'],
  ['SHUTDOWN_TIMEOUT_MS', 'ten-seconds'],
  ['DRAIN_DELAY_MS', '5000ms'],
  ['REQUEST_DEADLINE_MS', '00000000'],
  ['WRITE_TIMEOUT_MS', '99999999'],
  ['MAX_CONNECTIONS', 'unlimited'],
  ['AUTH_TOKENS', 'only-a-token'],
  ['AUTH_TOKENS', 'token-a=0'],
  ['AUTH_TOKENS', 'token-a=1,token-a=2'],
  ['TRUST_USER_HEADER', 'perhaps'],
  ['DATABASE_URL', 'mysql://root:hunter2hunter2@db/shop'],
  ['DATABASE_URL', 'postgres//db/shop'],
  ['SLOW_QUERY_MS', 'slow-ones'],
  ['REDIS_URL', 'http://redis.example'],
  ['REDIS_TIMEOUT_MS', '60000000'],
  ['FLAGS_POLL_MS', 'every second'],
  ['FLAGS_POLL_MS', '600000'],
  ['FLAGS_FILE', '/var/empty/no-such-flags.json'],
  ['APP_ENV', 'staging-2'],
];

const production = { APP_ENV: 'production', ADMIN_TOKEN: goodToken, AUTH_TOKENS: goodShoppers };

export const brokenEnvironments: readonly BrokenEnvironment[] = [
  ...wrongValues.map(([name, text]) => ({ env: { [name]: text }, faults: [name] })),
  { env: { APP_ENV: '', NODE_ENV: 'prodution' }, faults: ['NODE_ENV'] },
  { env: { APP_ENV: 'production' }, faults: ['ADMIN_TOKEN', 'AUTH_TOKENS'] },
  { env: { APP_ENV: '', NODE_ENV: 'production' }, faults: ['ADMIN_TOKEN', 'AUTH_TOKENS'] },
  { env: { ...production, ADMIN_TOKEN: 'dev-admin-token' }, faults: ['ADMIN_TOKEN'] },
  { env: { ...production, ADMIN_TOKEN: 'own-but-short' }, faults: ['ADMIN_TOKEN'] },
  { env: { ...production, AUTH_TOKENS: `demo-alice=1,${goodShoppers}` }, faults: ['AUTH_TOKENS'] },
  { env: { HOST: '0.0.0.0' }, faults: ['ADMIN_TOKEN', 'AUTH_TOKENS'] },
  {
    env: { HOST: '0.0.0.0', PORT: 'eighty-eight', LOG_LEVEL: 'chatty-level' },
    faults: ['PORT', 'LOG_LEVEL', 'ADMIN_TOKEN', 'AUTH_TOKENS'],
  },
  {
    env: Object.fromEntries(wrongValues.slice(0, 35)),
    faults: [...new Set(wrongValues.slice(0, 35).map(([name]) => name))],
  },
  { files: { '.env': 'PORT=eighty-eight\n' }, faults: ['PORT'] },
  {
    files: { '.env': 'PORT=eighty-eight\n', '.env.test': 'LOG_LEVEL=chatty-level\n' },
    faults: ['PORT', 'LOG_LEVEL'],
  },
  { files: { '.env.local': 'ADMIN_TOKEN=seven-7\n' }, faults: ['ADMIN_TOKEN'] },
  { files: { '.env': undefined }, env: { PORT: 'eighty-eight' }, faults: ['.env', 'PORT'] },
];
