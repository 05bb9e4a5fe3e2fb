import { callerSettings, loadSettings, SettingsError, secret, serverSettings } from '@lab/shared/config';
import { cursorSettings } from '@lab/shared/pagination';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const schema = z.object({ ...serverSettings({ port: 3000 }), ...callerSettings(), ...cursorSettings() });

const strong = 'a-secret-of-thirty-two-characters';
const secrets = { AUTH_TOKENS: `${strong}=1`, ADMIN_TOKEN: strong, CURSOR_SECRET: strong };
const production = { APP_ENV: 'production', ...secrets };

const load = (env: NodeJS.ProcessEnv) => loadSettings(schema, { directory: import.meta.dirname, env }).values;

const faultsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
};

const development = [
  ['ADMIN_TOKEN', 'dev-admin-token'],
  ['CURSOR_SECRET', 'development-cursor-secret'],
  ['AUTH_TOKENS', 'demo-alice=1,demo-bob=2'],
  ['AUTH_TOKENS', 'demo-alice=1'],
  ['AUTH_TOKENS', `${strong}=1, demo-bob=7`],
] as const;

describe('in production', () => {
  test('no secret has a default', () => {
    expect(faultsOf({ APP_ENV: 'production' })).toEqual([
      'ADMIN_TOKEN: is required in production',
      'AUTH_TOKENS: is required in production',
      'CURSOR_SECRET: is required in production',
    ]);
  });

  test.each(development)('%s is not %s', (name, value) => {
    expect(faultsOf({ ...production, [name]: value })).toEqual([
      expect.stringMatching(
        `^${name}: is a development secret, which production does not accept; create your own`,
      ),
    ]);
  });

  test.each([
    ['ADMIN_TOKEN', 's'.repeat(31)],
    ['CURSOR_SECRET', 's'.repeat(31)],
    // Shorter than anywhere else is allowed: one fault, not two.
    ['ADMIN_TOKEN', 'short'],
    ['CURSOR_SECRET', 'short'],
    ['AUTH_TOKENS', `${strong}=1,${'s'.repeat(31)}=2`],
  ])('%s has at least 32 characters: %s has not', (name, value) => {
    const faults = faultsOf({ ...production, [name]: value });
    expect(faults).toEqual([
      expect.stringMatching(
        `^${name}: (each )?must have at least 32 characters in production; create your own`,
      ),
    ]);
    expect(faults.join()).not.toContain(value);
  });

  test('documentation, metrics and X-User-Id are off, and can be turned on', () => {
    expect(load(production)).toMatchObject({
      PUBLIC_DOCS: false,
      PUBLIC_METRICS: false,
      TRUST_USER_HEADER: false,
    });
    const on = { PUBLIC_DOCS: 'on', PUBLIC_METRICS: 'on', TRUST_USER_HEADER: 'on' };
    expect(load({ ...production, ...on })).toMatchObject({
      PUBLIC_DOCS: true,
      PUBLIC_METRICS: true,
      TRUST_USER_HEADER: true,
    });
  });
});

describe.each(['development', 'test'])('in %s', (APP_ENV) => {
  test.each([{}, { HOST: '127.0.0.1' }, { HOST: '127.8.8.8' }, { HOST: '::1' }, { HOST: 'localhost' }])(
    'on loopback the development secrets hold: %o',
    (env) => {
      expect(load({ APP_ENV, ...env })).toMatchObject({
        ADMIN_TOKEN: 'dev-admin-token',
        TRUST_USER_HEADER: true,
        PUBLIC_DOCS: true,
        PUBLIC_METRICS: true,
      });
    },
  );

  test.each(['0.0.0.0', '::', '192.168.1.20', 'fe80::1%eth0', '::ffff:10.0.0.1', 'shop.example'])(
    'on %s they are refused, and so are the defaults',
    (HOST) => {
      expect(faultsOf({ APP_ENV, HOST })).toEqual(
        ['ADMIN_TOKEN', 'AUTH_TOKENS', 'CURSOR_SECRET'].map((name) =>
          expect.stringMatching(
            `^${name}: is a development secret, but HOST makes the server reachable from other machines; .* HOST=127\\.0\\.0\\.1$`,
          ),
        ),
      );
      const [name, value] = ['AUTH_TOKENS', `${strong}=1, demo-bob=7`];
      expect(faultsOf({ APP_ENV, HOST, ...secrets, [name]: value })).toHaveLength(1);
    },
  );

  test('own secrets may be short there, and X-User-Id is believed only where it is asked for', () => {
    const env = { APP_ENV, HOST: '0.0.0.0', ...secrets, ADMIN_TOKEN: 'eight-or-more' };
    expect(load(env)).toMatchObject({ TRUST_USER_HEADER: false, PUBLIC_DOCS: true });
    expect(load({ ...env, TRUST_USER_HEADER: 'on' }).TRUST_USER_HEADER).toBe(true);
  });
});

test('a secret that others issue says where it comes from, and not to make it up', () => {
  const remedy = 'ask the bank for one';
  const schema = z.object({
    ...serverSettings({ port: 3000 }),
    BANK_KEY: secret(z.string(), 'bank-dev', { remedy }),
  });
  const faultOf = (env: NodeJS.ProcessEnv) => {
    const load = () => loadSettings(schema, { directory: import.meta.dirname, env });
    return expect(load).toThrow(
      expect.objectContaining({ faults: [expect.stringMatching(/^BANK_KEY: .*; ask the bank for one/)] }),
    );
  };
  faultOf({ ...production, BANK_KEY: 'bank-short' });
  faultOf({ ...production, BANK_KEY: 'bank-dev' });
  faultOf({ HOST: '0.0.0.0', ADMIN_TOKEN: strong, BANK_KEY: 'bank-dev' });
});

test.each(['with a space', 'mit-ümlaut-und-mehr', ' begins-with-one'])(
  'a token that no header can carry is a fault: %s',
  (token) => {
    expect(faultsOf({ ...secrets, ADMIN_TOKEN: token })).toEqual([
      'ADMIN_TOKEN: must be visible ASCII characters without spaces, because a header carries no others',
    ]);
  },
);

test('a server without a HOST is reached by nobody, whatever the shell calls HOST', () => {
  const { ADMIN_TOKEN } = serverSettings({ port: 3000 });
  const values = loadSettings(z.object({ ADMIN_TOKEN }), { env: { HOST: 'my-laptop' } }).values;
  expect(values.ADMIN_TOKEN).toBe('dev-admin-token');
});

test('one token cannot name two users', () => {
  expect(faultsOf({ AUTH_TOKENS: 'alice-token=1, bob-token=2, alice-token=3' })).toEqual([
    'AUTH_TOKENS: contains a token twice; each user needs a different token',
  ]);
  expect(load({ AUTH_TOKENS: 'laptop-token=1, phone-token=1' }).AUTH_TOKENS.size).toBe(2);
});
