import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { ROOT } from '../lab/workspace.ts';

let lab = '';
const database = 'slices/cart/data/cart.db';

/** A lab with one installed slice and its database. */
beforeEach(() => {
  lab = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  for (const folder of ['lab', 'node_modules', 'slices/cart/node_modules', 'slices/cart/data']) {
    mkdirSync(join(lab, folder), { recursive: true });
  }
  cpSync(join(ROOT, 'lab/clean.mjs'), join(lab, 'lab/clean.mjs'));
  const file = new Database(join(lab, database));
  file.pragma('journal_mode = WAL');
  file.exec('CREATE TABLE carts (id TEXT)');
  file.close();
  return () => rmSync(lab, { recursive: true });
});

const clean = (data?: string) => {
  const env = { ...process.env, data };
  const { status, stdout, stderr } = spawnSync('node', ['lab/clean.mjs'], {
    cwd: lab,
    env,
    encoding: 'utf8',
  });
  const left = ['node_modules', 'slices/cart/node_modules', database].filter((path) =>
    existsSync(join(lab, path)),
  );
  return { status, said: stdout + stderr, left };
};

test('clean removes what was installed, keeps databases, and says how to delete them', () => {
  const { status, said, left } = clean();
  expect({ status, left }).toEqual({ status: 0, left: [database] });
  expect(said).toContain(`Kept ${database}`);
  expect(said).toContain('make clean data=yes');
});

test('clean data=yes deletes the databases and says which', () => {
  const { status, said, left } = clean('yes');
  expect({ status, left }).toEqual({ status: 0, left: [] });
  expect(said).toBe(`Deleted ${database}\n`);
});

test('clean data=yes removes nothing while a server has a database open', () => {
  const server = new Database(join(lab, database));
  onTestFinished(() => {
    server.close();
  });
  server.exec("INSERT INTO carts VALUES ('one')");
  const { status, said, left } = clean('yes');
  expect({ status, left: left.length }).toEqual({ status: 1, left: 3 });
  expect(said).toContain(`A server is running on ${database}`);
});

test('a log that a killed server left behind does not keep clean from deleting its database', () => {
  writeFileSync(join(lab, `${database}-wal`), '');
  expect(clean('yes')).toMatchObject({ status: 0, left: [] });
});
