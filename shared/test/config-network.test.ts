import { loadSettings, SettingsError, serverSettings } from '@lab/shared/config';
import express from 'express';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const schema = z.object({ ...serverSettings({ port: 3000 }) });
const secrets = { ADMIN_TOKEN: 'a-secret-of-thirty-two-characters' };

const load = (env: NodeJS.ProcessEnv) =>
  loadSettings(schema, { directory: import.meta.dirname, env: { ...secrets, ...env } }).values;

const faultsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    load(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
};

test('faults of every setting are in one list', () => {
  const wrong = { HOST: ':80', PUBLIC_URL: 'x', CORS_ORIGINS: '*', TRUST_PROXY: 'true', ADMIN_PORT: '-1' };
  expect(faultsOf(wrong).map((fault) => fault.split(':')[0])).toEqual([
    'HOST',
    'PUBLIC_URL',
    'ADMIN_PORT',
    'CORS_ORIGINS',
    'TRUST_PROXY',
  ]);
});

describe('HOST', () => {
  test.each(['0.0.0.0', '::', '::1', 'fe80::1%eth0', 'localhost', 'shop', 'shop-1.example', '9front.org'])(
    '%s is one',
    (HOST) => expect(load({ HOST }).HOST).toBe(HOST),
  );

  test.each([
    'http://shop.example',
    'shop.example:80',
    '127.0.0.1:80',
    '[::1]',
    '127.0.0.256',
    '127.1',
    'shop..example',
    '-shop',
    'a b',
    '*',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
  ])('%s is none', (HOST) =>
    expect(faultsOf({ HOST })).toEqual([
      'HOST: must be an IP address or a host name, without scheme, brackets or port',
    ]),
  );
});

describe('PUBLIC_URL', () => {
  test.each([
    ['https://shop.example', 'https://shop.example'],
    ['https://shop.example/', 'https://shop.example'],
    ['http://[::1]:8080/shop//', 'http://[::1]:8080/shop'],
  ])('%s', (PUBLIC_URL, kept) => expect(load({ PUBLIC_URL }).PUBLIC_URL).toBe(kept));

  test.each(['ftp://shop.example', 'shop.example', 'http:shop.example', 'https://', 'https://a:b:c', 'x'])(
    '%s is no URL',
    (PUBLIC_URL) => expect(faultsOf({ PUBLIC_URL })).toEqual(['PUBLIC_URL: must be an http or https URL']),
  );

  test.each(['https://shop.example/?a', 'https://shop.example#a', 'https://user:pass@shop.example'])(
    '%s has what no path can follow',
    (PUBLIC_URL) =>
      expect(faultsOf({ PUBLIC_URL })).toEqual([
        'PUBLIC_URL: must not have a query, fragment, user or password',
      ]),
  );
});

describe('CORS_ORIGINS', () => {
  test('are origins as browsers send them', () => {
    expect(load({ CORS_ORIGINS: 'https://shop.example, http://localhost:5173,' }).CORS_ORIGINS).toEqual([
      'https://shop.example',
      'http://localhost:5173',
    ]);
  });

  test.each([
    '*',
    'https://shop.example,*',
    'https://*.shop.example',
    'null',
    'shop.example',
    'https://shop.example/',
    'https://shop.example/path',
    'https://Shop.example',
    'https://shop.example:443',
    'ftp://shop.example',
    'https://user@shop.example',
  ])('%s is refused, with the form it should have', (CORS_ORIGINS) => {
    expect(faultsOf({ CORS_ORIGINS })).toEqual([
      expect.stringMatching(/^CORS_ORIGINS: must be origins .* each like https:\/\/shop\.example/),
    ]);
  });
});

describe('TRUST_PROXY', () => {
  const accepted = [
    '1',
    '12',
    'loopback',
    'loopback, 10.0.0.0/8',
    'linklocal,uniquelocal',
    '10.1.2.3',
    '2001:db8::/32',
    '::1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
    '10.0.0.0/32',
  ];

  test.each(accepted)('%s is taken by Express as well', (TRUST_PROXY) => {
    const value = load({ TRUST_PROXY }).TRUST_PROXY;
    expect(value).toEqual(/^\d+$/.test(TRUST_PROXY) ? Number(TRUST_PROXY) : TRUST_PROXY.split(/, */));
    expect(() => express().set('trust proxy', value)).not.toThrow();
  });

  test.each([
    'true',
    '*',
    '0',
    '123',
    '0x7f',
    'gateway',
    'constructor',
    '10.0.0.0/0',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '::1/129',
    '1, loopback',
    'loopback,',
  ])('%s is refused', (TRUST_PROXY) => {
    expect(faultsOf({ TRUST_PROXY })).toEqual([
      expect.stringMatching(/^TRUST_PROXY: must be the number of proxies .* separated by commas$/),
    ]);
  });
});
