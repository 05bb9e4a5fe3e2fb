import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { schemaOf } from '../lab/settings-schema.ts';
import { listServers, ROOT } from '../lab/workspace.ts';
import { callerSettings, databaseSettings, serverSettings } from '../shared/src/config/index.ts';
import { readMark } from '../shared/src/config/setting.ts';
import { cursorSettings } from '../shared/src/pagination/index.ts';
import { redisSettings } from '../shared/src/redis/index.ts';

const common = {
  ...serverSettings({ port: 0 }),
  ...callerSettings(),
  ...databaseSettings({ file: 'data/any.db' }),
  ...cursorSettings(),
  ...redisSettings(),
};

/** Names in the first column of tables. */
const tabled = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm)].map(([, name = '']) => name);

/** Common settings that each README lists again: the default, or what they are used for, is its own. */
const told = ['PORT', 'DATABASE_URL', 'REDIS_URL', 'REDIS_TIMEOUT_MS'];

/** The settings that a README lists: those that its server has beside the common ones, and those above. */
const ownSettings = async (folder: string): Promise<readonly string[]> => {
  const names = Object.keys((await schemaOf(folder)).shape);
  return names.filter((name) => !(name in common) || told.includes(name));
};

describe('the settings in the documentation are those that the servers take', () => {
  test('docs/settings.md', () => {
    const names = tabled(readFileSync(join(ROOT, 'docs/settings.md'), 'utf8'));
    expect(names.toSorted()).toEqual(Object.keys(common).toSorted());
  });

  test('docs/settings.md names every secret', async () => {
    const [, chapter = ''] = readFileSync(join(ROOT, 'docs/settings.md'), 'utf8').split('\n## Secrets\n');
    const schemas = await Promise.all(listServers().map(({ folder }) => schemaOf(folder)));
    const secrets = schemas.flatMap(({ shape }) =>
      Object.keys(shape).filter((name) => readMark(shape[name]).secret),
    );
    expect(secrets).toContain('STRIPE_SECRET_KEY');
    expect(secrets.filter((name) => !chapter.includes(`\`${name}\``))).toEqual([]);
  });

  test.each(listServers())('README of $id', async ({ folder }) => {
    const names = tabled(readFileSync(join(ROOT, folder, 'README.md'), 'utf8'));
    expect(names.toSorted()).toEqual((await ownSettings(folder)).toSorted());
  });
});

test('a setting is found only where it begins a row', () => {
  expect(tabled('| `PORT` | 1 |\ntext `HOST`\n| PORT | `HOST` |\n')).toEqual(['PORT']);
});
