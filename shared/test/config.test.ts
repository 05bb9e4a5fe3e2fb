import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  callerSettings,
  databaseSettings,
  describeSettings,
  loadSettings,
  SettingsError,
  serverSettings,
} from '@lab/shared/config';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const schema = z.object({
  ...serverSettings({ port: 3000 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/test.db' }),
});

/** A folder with these `.env` files. */
const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const load = (env: NodeJS.ProcessEnv, files: Record<string, string> = {}) =>
  loadSettings(schema, { directory: folderWith(files), env });

const faultsOf = (env: NodeJS.ProcessEnv, files: Record<string, string> = {}): readonly string[] => {
  try {
    load(env, files);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
};

describe('the sources', () => {
  test('without any, the defaults of development hold', () => {
    const { values, sources } = load({});
    expect(values).toMatchObject({
      APP_ENV: 'development',
      PORT: 3000,
      HOST: '127.0.0.1',
      CORS_ORIGINS: [],
      TRUST_USER_HEADER: true,
      ADMIN_TOKEN: 'dev-admin-token',
      SHUTDOWN_TIMEOUT_MS: 10_000,
      DATABASE_URL: 'sqlite:data/test.db',
    });
    expect(values.AUTH_TOKENS).toEqual(
      new Map([
        ['demo-alice', 1],
        ['demo-bob', 2],
      ]),
    );
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
  });

  test('the later wins: .env, .env.local, .env.$APP_ENV, the process', () => {
    const files = {
      '.env': 'PORT=1\nHOST=127.0.0.2\nLOG_LEVEL=warn\nSLOW_QUERY_MS=1',
      '.env.local': 'PORT=2\nHOST=127.0.0.3\nLOG_LEVEL=error',
      '.env.test': 'PORT=3\nHOST=127.0.0.4',
      '.env.production': 'PORT=9',
    };
    const { values, sources } = load({ APP_ENV: 'test', PORT: '4' }, files);
    expect(values).toMatchObject({ PORT: 4, HOST: '127.0.0.4', LOG_LEVEL: 'error', SLOW_QUERY_MS: 1 });
    expect(sources).toMatchObject({
      APP_ENV: 'process',
      PORT: 'process',
      HOST: '.env.test',
      LOG_LEVEL: '.env.local',
      SLOW_QUERY_MS: '.env',
      CORS_ORIGINS: 'default',
    });
  });

  test('APP_ENV may stand in a file, and chooses the next one', () => {
    const files = {
      '.env': 'APP_ENV=production',
      '.env.local': 'APP_ENV=test',
      '.env.test': 'PORT=7\nAPP_ENV=production',
    };
    const { values, sources } = load({}, files);
    expect([values.APP_ENV, sources.APP_ENV, values.PORT]).toEqual(['test', '.env.local', 7]);
  });

  test('an empty value counts as absent', () => {
    expect(load({ PORT: '', HOST: '' }, { '.env': 'PORT=5' }).values).toMatchObject({
      PORT: 5,
      HOST: '127.0.0.1',
    });
  });

  test('what the schema does not name is passed over', () => {
    expect(load({ SOMETHING_ELSE: 'x' }).values).not.toHaveProperty('SOMETHING_ELSE');
  });
});

describe('faults', () => {
  test('all are told at once, with name and reason, without a value', () => {
    const faults = faultsOf({
      APP_ENV: 'test',
      PORT: '70000',
      LOG_LEVEL: 'loud-value',
      PUBLIC_URL: 'ftp://value.test',
      AUTH_TOKENS: 'value',
      ADMIN_TOKEN: 'value',
      TRUST_USER_HEADER: 'value',
      SHUTDOWN_TIMEOUT_MS: '1.5',
    });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'PORT',
      'PUBLIC_URL',
      'ADMIN_TOKEN',
      'LOG_LEVEL',
      'SHUTDOWN_TIMEOUT_MS',
      'AUTH_TOKENS',
      'TRUST_USER_HEADER',
    ]);
    expect(faults.join('\n')).not.toMatch(/value|70000|1\.5/);
  });

  test('an unknown APP_ENV is told with the others, and opens no file', () => {
    expect(faultsOf({ APP_ENV: '../x', PORT: 'x' }, { '.env.x': 'HOST=a' })).toEqual([
      'APP_ENV: must be one of development, test, production',
      'PORT: must be a whole number from 0 to 65535',
    ]);
  });

  test('the message lists them in lines', () => {
    expect(() => load({ PORT: 'x' })).toThrow(
      'The settings are not valid:\n  - PORT: must be a whole number',
    );
  });

  test.each(['0x10', '1e3', '-1', ' 1', '9'.repeat(400), '٣'])('PORT %s is no whole number', (PORT) => {
    expect(faultsOf({ PORT })).toHaveLength(1);
  });
});

describe('NODE_ENV', () => {
  const secrets = { AUTH_TOKENS: `${'s'.repeat(32)}=1`, ADMIN_TOKEN: 's'.repeat(32) };

  test('decides where APP_ENV is not given', () => {
    const files = { '.env.production': 'PORT=9' };
    const { values, sources } = load({ NODE_ENV: 'production', ...secrets }, files);
    expect([values.APP_ENV, sources.APP_ENV, values.PORT]).toEqual(['production', 'process', 9]);
    expect(faultsOf({ NODE_ENV: 'production' })).toContain('ADMIN_TOKEN: is required in production');
    expect(faultsOf({}, { '.env': 'NODE_ENV=production' })).toContain(
      'ADMIN_TOKEN: is required in production',
    );
  });

  test('gives way to APP_ENV, wherever that stands', () => {
    expect(load({ NODE_ENV: 'production', APP_ENV: 'test' }).values.APP_ENV).toBe('test');
    expect(load({ NODE_ENV: 'production' }, { '.env': 'APP_ENV=test' }).values.APP_ENV).toBe('test');
  });

  test('with a name of its own is a fault instead of development', () => {
    expect(faultsOf({ NODE_ENV: 'staging' })).toEqual([
      'NODE_ENV: must be one of development, test, production',
    ]);
  });
});

test('tokens with = at their end are read to the last one', () => {
  const { AUTH_TOKENS } = load({ AUTH_TOKENS: 'YWxpY2U==1, bob=2' }).values;
  expect(AUTH_TOKENS).toEqual(
    new Map([
      ['YWxpY2U=', 1],
      ['bob', 2],
    ]),
  );
});

describe('described to an operator', () => {
  test('secrets are redacted, the rest is shown with its source', () => {
    const settings = load({ ADMIN_TOKEN: 'a-real-secret', PORT: '5' });
    const described = describeSettings(schema, settings);
    expect(described).toMatchObject({
      PORT: { value: 5, source: 'process' },
      HOST: { value: '127.0.0.1', source: 'default' },
      ADMIN_TOKEN: { value: '[redacted]', source: 'process' },
      AUTH_TOKENS: { value: '[redacted]', source: 'default' },
    });
    expect(JSON.stringify(described)).not.toMatch(/a-real-secret|demo-alice/);
  });
});

test('a .env file that cannot be read is a fault among the others', () => {
  const directory = mkdtempSync(join(tmpdir(), 'lab-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, '.env.local'));
  const load = () => loadSettings(z.object(serverSettings({ port: 1 })), { directory, env: { PORT: 'x' } });
  expect(load).toThrow(/\.env\.local: cannot be read \(EISDIR\)\n {2}- PORT: /);
});
