import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCommand } from './child.ts';
import { chooseSlice } from './choose.ts';
import { misnamedSchemas, sliceDependencies } from './schema-names.ts';
import { settings } from './settings.ts';
import { listServers, ROOT } from './workspace.ts';

// Lints the OpenAPI documents that clients get: starts each server like `make run`, and requests its document.

const START_WITHIN_MS = 30_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port was given');
  return address.port;
};

const askFor = async (url: string, server: ChildProcess): Promise<string> => {
  const giveUpAt = performance.now() + START_WITHIN_MS;
  while (server.exitCode === null && performance.now() < giveUpAt) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response.text();
    await sleep(50);
  }
  throw new Error(`${url} did not respond; the server's output is above`);
};

const documentOf = async (folder: string): Promise<string> => {
  const port = await freePort();
  const server = spawn(process.execPath, ['src/server.ts'], {
    cwd: join(ROOT, folder),
    env: { ...process.env, PORT: String(port), DATABASE_URL: 'sqlite::memory:', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(server, 'exit');
  try {
    return await askFor(`http://127.0.0.1:${port}/openapi.json`, server);
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
};

const servers = settings.slice ? [chooseSlice(listServers(), 'openapi')] : listServers();
const folder = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
try {
  const documents: string[] = [];
  const misnamed: string[] = [];
  for (const server of servers) {
    const file = join(folder, `${server.id}.json`);
    const document = await documentOf(server.folder);
    writeFileSync(file, document);
    documents.push(file);
    misnamed.push(...misnamedSchemas(JSON.parse(document), sliceDependencies));
  }
  for (const each of misnamed) console.error(each);
  const linted = await runCommand('redocly', ['lint', '--config', join(ROOT, 'redocly.yaml'), ...documents]);
  process.exitCode = misnamed.length > 0 ? 1 : linted;
} finally {
  rmSync(folder, { recursive: true });
}
