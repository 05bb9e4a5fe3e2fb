import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { listServers, ROOT } from '../lab/workspace.ts';
import { consoleBlocks, curlCommands, frontPageCurls } from './readme-blocks.ts';

const run = promisify(execFile);
const env = withCommandsOf(ROOT, { ...process.env, DATABASE_URL: 'sqlite::memory:' });
const limit = { timeout: 60_000 };

const readmes = ['.', ...listServers().map(({ folder }) => folder)]
  .map((folder) => ({ folder, path: join(ROOT, folder, 'README.md') }))
  .filter(({ path }) => existsSync(path))
  .map(({ folder, path }) => ({ folder, text: readFileSync(path, 'utf8') }));

const blocks = readmes.flatMap(({ text }) => consoleBlocks(text));

test.each(blocks)('$command prints what the README shows', limit, async ({ command, output }) => {
  const [, slice = ''] = /^make break slice=([\w-]+)$/.exec(command) ?? [];
  const { stdout } = await run('node', ['lab/break.ts', `slice=${slice}`], {
    cwd: ROOT,
    env,
  });
  expect(stdout).toBe(output);
});

const listening = async (server: ChildProcess): Promise<string> => {
  if (!server.stdout) throw new Error('the server has no output');
  for await (const line of createInterface(server.stdout)) {
    const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('the server ended before it listened');
};

const servers = listServers().flatMap(({ id, folder }) => {
  const texts = readmes.filter(
    (readme) => readme.folder === folder || (id === 'combined-demo' && readme.folder === '.'),
  );
  const curls = texts.flatMap(({ text }) => curlCommands(text));
  return curls.length > 0 ? [{ id, curls }] : [];
});

/** Routes whose ids and tokens only an earlier answer has: examples of the documentation make them up. */
const followsAnswer =
  /\/carts\/me\/items\/|\/promo\/redemptions\/|\/reservations\/0|\/orders\/0|\/accounts\/verify|\/sessions\/refresh|\/password-resets\/confirm|\/sessions\/0|\/addresses\/0|\/payments\/0|"order_id"|\/webhooks\//;

/** Only the response to a POST contains the id of a gift if there are no sample gifts. */
const needsNoEarlierAnswer = (id: string) => (curl: string) =>
  !followsAnswer.test(curl) && !(id === 'gift-grant' && curl.includes('/gifts/'));

describe('the curl commands of the READMEs and front pages, as they are pasted', () => {
  test.each(servers)('$id', limit, async ({ id, curls }) => {
    const server = spawn('node', ['lab/run.ts', `slice=${id}`, 'PORT=0'], {
      cwd: ROOT,
      env,
    });
    try {
      const { host, origin } = new URL(await listening(server));
      const frontPage = await (await fetch(origin)).text();
      for (const curl of [...curls, ...frontPageCurls(frontPage).filter(needsNoEarlierAnswer(id))]) {
        const pasted = `${curl.replaceAll(/localhost:\d+|127\.0\.0\.1:\d+/g, host)} --fail --output /dev/null`;
        await expect(run('bash', ['-c', pasted]), curl).resolves.toBeDefined();
      }
    } finally {
      server.kill('SIGTERM');
      if (server.exitCode === null) await once(server, 'exit');
    }
  });
});

const slices = readmes.filter(({ folder }) => folder.startsWith('slices/'));

test.each(slices)('$folder shows the app that its router is taken home to', ({ folder, text }) => {
  const app = readFileSync(join(ROOT, folder, 'lab/take-home.ts'), 'utf8');
  expect(text).toContain(`\`\`\`ts\n${app}\`\`\``);
});

test('a README whose output has drifted is found', () => {
  const [block] = consoleBlocks('```console\n$ make break slice=x\nold\n```');
  expect(block).toEqual({ command: 'make break slice=x', output: 'old\n' });
});
