import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import {
  embeddedPostgres,
  labChecks,
  lookAtNode,
  lookAtPnpm,
  lookAtPort,
  lookAtPostgres,
  lookAtSqlite,
  lookAtWatching,
} from '../lab/doctor-checks.ts';
import { examine } from '../lab/examine.ts';

test('distinguishes the pinned Node from the machine’s own, and refuses an older one', () => {
  expect(lookAtNode('/lab/node_modules/.bin/node', '24.21.0', '24.16')).toContain('the pinned one');
  expect(lookAtNode('/usr/bin/node', '26.1.0', '24.16')).toContain("the machine's own");
  expect(() => lookAtNode('/usr/bin/node', '24.9.0', '24.16')).toThrow('older than 24.16');
});

test('refuses a pnpm that cannot be downloaded', async () => {
  await expect(lookAtPnpm('pnpm@0.0.0-none')).rejects.toThrow();
}, 60_000);

test('opens SQLite, and fails if it does not open', () => {
  expect(lookAtSqlite(':memory:')).toMatch(/^3\./);
  expect(() => lookAtSqlite('/nowhere/lab.db')).toThrow();
});

test('starts the Postgres program, and refuses a system that has none', async () => {
  const own = () => embeddedPostgres(process.platform, process.arch);
  await expect(lookAtPostgres(own)).resolves.toContain('PostgreSQL');
  await expect(lookAtPostgres(() => embeddedPostgres('plan9', 'mips'))).rejects.toThrow('plan9-mips');
  await expect(lookAtPostgres(async () => '/nowhere/postgres')).rejects.toThrow('ENOENT');
});

test('refuses a port that is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await expect(lookAtPort(port)).rejects.toThrow('EADDRINUSE');
  server.close();
  await once(server, 'close');
  await expect(lookAtPort(port)).resolves.toBe(`${port} is free`);
});

test('fails if a changed file is not noticed in time', async () => {
  await expect(lookAtWatching(async () => {}, 20)).rejects.toThrow();
});

test('every check has a one-line remedy', () => {
  const checks = labChecks('pnpm@12.21.0', '24.16');
  expect(checks.map(({ name }) => name)).toEqual(['Node', 'pnpm', 'SQLite', 'Postgres', 'Port', 'Watching']);
  for (const { remedy } of checks) expect(remedy).toMatch(/^.+$/);
});

test('reports each check and the remedy of a failing one, and says that one failed', async () => {
  const lines: string[] = [];
  const good = { name: 'Good', remedy: 'none needed', look: () => 'well' };
  const bad = { name: 'Bad', remedy: 'mend it', look: () => Promise.reject(new Error('broken\nat length')) };
  expect(await examine([good, bad, good], (line) => lines.push(line))).toBe(false);
  expect(lines[0]).toBe('ok    Good      well');
  expect(lines[1]).toMatch(/^FAIL {2}Bad {7}broken\n +-> mend it$/);
  expect(lines).toHaveLength(3);
  expect(await examine([good], () => {})).toBe(true);
});
