import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ZodObject, z } from 'zod';
import { schemaOf } from '../lab/settings-schema.ts';
import { listServers, ROOT } from '../lab/workspace.ts';
import { loadSettings, SettingsError, secret } from '../shared/src/config/index.ts';
import { readMark } from '../shared/src/config/setting.ts';
import { pathsIn } from './sources.ts';

interface DevelopmentSecret {
  readonly name: string;
  /** As it is written in the environment. */
  readonly text: string;
}

/** Every secret that a server has a default for, together and each on its own. */
const secretsOf = (schema: ZodObject): readonly DevelopmentSecret[] =>
  Object.entries(schema.shape).flatMap(([name, each]) => {
    const { secret: isSecret, defaults = {} } = readMark(each);
    if (!isSecret) return [];
    const wholes = [...new Set(Object.values(defaults))];
    const parts = wholes.flatMap((whole) => (whole.includes(',') ? whole.split(',') : []));
    return [...wholes, ...parts].map((text) => ({ name, text }));
  });

/** Whether a server would start in production with this setting. Other settings may be missing. */
const accepts = (schema: ZodObject, { name, text }: DevelopmentSecret, place: NodeJS.ProcessEnv): boolean => {
  try {
    loadSettings(schema, { directory: '/var/empty', env: { ...place, [name]: text } });
    return true;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return !error.faults.some(
      (fault) => fault.startsWith(`${name}: `) && fault.includes('development secret'),
    );
  }
};

const production = { APP_ENV: 'production' };
const exposed = { APP_ENV: 'development', HOST: '0.0.0.0' };

/** Names that only secrets have. */
const soundsSecret = /(TOKENS?|SECRETS?|PASSWORD|_KEY)$/;

const servers = await Promise.all(
  listServers().map(async ({ id, folder }) => ({ id, schema: await schemaOf(folder) })),
);

describe.each(servers)('$id', ({ schema }) => {
  test('refuses each of its development secrets in production, and where other machines can connect', () => {
    const secrets = secretsOf(schema);
    expect(secrets.length).toBeGreaterThan(0);
    for (const place of [production, exposed])
      expect(secrets.filter((each) => accepts(schema, each, place))).toEqual([]);
  });

  test('marks every setting that sounds like a secret', () => {
    const unmarked = Object.entries(schema.shape).filter(
      ([name, each]) => soundsSecret.test(name) && !readMark(each).secret,
    );
    expect(unmarked.map(([name]) => name)).toEqual([]);
  });
});

test('every default that the sources give to a secret is known to a server', () => {
  const known = new Set(servers.flatMap(({ schema }) => secretsOf(schema).map(({ text }) => text)));
  const written = ['shared/src', 'slices', 'combined-demo/src']
    .flatMap(pathsIn)
    .filter((path) => path.includes('/src/') && path.endsWith('.ts'))
    .flatMap((path) => {
      const calls = readFileSync(join(ROOT, path), 'utf8').matchAll(
        /\bsecret\(((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*)\)/g,
      );
      return [...calls].flatMap(([, inside = '']) => /,\s*'([^']+)'\s*,?\s*(?:\{|$)/.exec(inside)?.[1] ?? []);
    });
  expect(written.length).toBeGreaterThan(2);
  expect(written.filter((text) => !known.has(text))).toEqual([]);
});

test('a secret that production accepts is found', () => {
  const marked = z.object({ APP_ENV: z.string(), API_TOKEN: secret(z.string(), 'dev-token-of-the-lab') });
  const plain = z.object({ APP_ENV: z.string(), API_TOKEN: z.string().default('dev-token-of-the-lab') });
  const [one] = secretsOf(marked);
  expect(one && accepts(marked, one, production)).toBe(false);
  expect(one && accepts(plain, one, production)).toBe(true);
});
