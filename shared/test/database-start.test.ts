import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseSettings, loadSettings, SettingsError } from '@lab/shared/config';
import { onDatabase } from '@lab/testing';
import Sqlite from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';

// A process of Node starts in half a second, or in several on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const STARTER = new URL('database-starter.ts', import.meta.url).pathname;

const start = async (url: string): Promise<{ readonly code: unknown; readonly said: string }> => {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; said: string }>();
  const env = { ...process.env, DATABASE_URL: url, LOG_LEVEL: 'silent' };
  execFile(process.execPath, [STARTER], { env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
  );
  return promise;
};

const createFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const createDatabaseFile = (path: string, corrupt: (bytes: Buffer) => Buffer): void => {
  const db = new Sqlite(':memory:');
  for (let table = 1; table <= 100; table += 1) db.exec(`create table table_${table} (body text)`);
  const bytes = db.serialize();
  db.close();
  writeFileSync(path, corrupt(bytes));
};

it.each<[string, (path: string) => void, RegExp]>([
  ['is no database', (path) => writeFileSync(path, 'not a database '.repeat(100)), /not a database/],
  ['was cut off', (path) => createDatabaseFile(path, (bytes) => bytes.subarray(0, 8192)), /malformed/],
  [
    'has a damaged schema',
    (path) => createDatabaseFile(path, (bytes) => bytes.fill(0xff, 200, 4096)),
    /malformed/,
  ],
  ['is a folder', (path) => rmSync(path, { force: true }), /unable to open/],
])('says in one line that the file %s, and what to do', async (what, prepare, reason) => {
  const folder = createFolder();
  const path = what === 'is a folder' ? folder : join(folder, 'lab.db');
  if (path !== folder) prepare(path);
  const { code, said } = await start(`sqlite:${path}`);
  expect(code).toBe(1);
  expect(said).toMatch(/^Cannot open the file .* of DATABASE_URL: .*\n$/);
  expect(said).toContain(path);
  expect(said).toMatch(reason);
  expect(said).toMatch(/or set DATABASE_URL to another file\.\n$/);
});

it('says in one line that the folder of the file cannot be created', async () => {
  const folder = createFolder();
  writeFileSync(join(folder, 'file'), '');
  const { code, said } = await start(`sqlite:${join(folder, 'file', 'lab.db')}`);
  expect(code).toBe(1);
  expect(said).toMatch(/^Cannot open the file .*lab\.db of DATABASE_URL: .*\n$/);
});

it('says in one line that no Postgres is there, and not the password', async () => {
  const { code, said } = await start('postgres://lab:hunter2@127.0.0.1:1/shop');
  expect(code).toBe(1);
  expect(said).toMatch(
    /^Cannot connect to the Postgres database "shop" on 127\.0\.0\.1:1 .*ECONNREFUSED.*Start Postgres.*\n$/,
  );
  expect(said).not.toContain('hunter2');
});

onDatabase('postgres', (engine) => {
  it('says in one line that the database does not exist, or the password is wrong', async () => {
    const { url } = await engine.open();
    const missing = new URL(url);
    missing.pathname = '/nowhere';
    const { said } = await start(missing.href);
    expect(said).toMatch(
      /^Cannot connect to the Postgres database "nowhere".*does not exist.*Create that database.*\n$/,
    );
    const wrong = new URL(url);
    wrong.password = 'hunter2';
    const { said: refused } = await start(wrong.href);
    expect(refused).toMatch(
      /^Cannot connect to the Postgres database .*Correct the user or the password.*\n$/,
    );
    expect(`${said}${refused}`).not.toMatch(/hunter2|postgres:postgres/);
  });
});

it.each([
  'mysql://lab:hunter2@db/lab',
  'postgres://lab:hunter2@db:port/lab',
  'postgres://lab:hunter2%zz@db/lab',
  'sqlite:',
])('lists %s among the faults of the settings, without the URL', (url) => {
  const schema = z.object(databaseSettings({ file: 'lab.db' }));
  const load = () => loadSettings(schema, { env: { DATABASE_URL: url, SLOW_QUERY_MS: 'often' } });
  expect(load).toThrow(SettingsError);
  expect(load).toThrow(/DATABASE_URL: .*\n.*SLOW_QUERY_MS: /);
  expect(load).not.toThrow(/hunter2/);
});
