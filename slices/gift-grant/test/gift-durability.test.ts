import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onDatabase } from '@lab/testing';
import { expect, it } from 'vitest';
import { createGiftClient } from './gift-client.ts';
import { PLANTED, startServer } from './server-process.ts';

const GIFTS = 20;
const hasStrace = spawnSync('strace', ['-V']).status === 0;

/** Grants gifts one after another. Resolves with the system calls of the server's main thread in order. */
const traceGrants = async (databaseUrl: string, bug?: string): Promise<readonly string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-strace-'));
  const file = join(folder, 'calls');
  const calls = 'trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg';
  const under = ['strace', '-y', '-s', '16', '-e', calls, '-o', file];
  const server = await startServer(databaseUrl, {
    under,
    ...(bug !== undefined && { launcher: PLANTED, bug }),
  });
  const client = createGiftClient(1);
  for (let index = 0; index < GIFTS; index += 1) await client.grant(server.url, `key-${index}`);
  client.close();
  await server.kill();
  const lines = readFileSync(file, 'utf8').split('\n');
  rmSync(folder, { recursive: true });
  return lines;
};

/** For each 201: whether the log was written and then successfully synced since the previous 201. */
const syncedBefore201 = (calls: readonly string[]): readonly boolean[] => {
  const answers: boolean[] = [];
  let log: 'untouched' | 'written' | 'synced' = 'untouched';
  for (const call of calls) {
    if (/^pwrite64\(\d+<[^>]*-wal>/.test(call)) log = 'written';
    if (/^f(?:data)?sync\(\d+<[^>]*-wal>\)\s+= 0$/.test(call) && log === 'written') log = 'synced';
    if (!call.includes('"HTTP/1.1 201 ')) continue;
    answers.push(log === 'synced');
    log = 'untouched';
  }
  return answers;
};

onDatabase('sqlite', (engine) => {
  it.skipIf(!hasStrace)(
    'answers 201 only after the fsync of the commit (needs strace)',
    async () => {
      const { url } = await engine.open();
      expect(syncedBefore201(await traceGrants(url))).toEqual(Array.from({ length: GIFTS }, () => true));
    },
    60_000,
  );

  it.skipIf(!hasStrace)(
    '(detector) sees commits that are not synced (needs strace)',
    async () => {
      const { url } = await engine.open();
      expect(syncedBefore201(await traceGrants(url, 'no fsync'))).toContain(false);
    },
    60_000,
  );
});
