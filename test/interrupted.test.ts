import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { ROOT } from '../lab/workspace.ts';

const env = withCommandsOf(ROOT, { ...process.env, DATABASE_URL: 'sqlite::memory:' });
const runsServer = `@exec node ${join(ROOT, 'lab/run.ts')} slice=echo-gateway PORT=0`;
const runsCommand = `@exec node --input-type=module --eval "\\
  const { runCommand } = await import('${join(ROOT, 'lab/child.ts')}'); \\
  await runCommand('node', ['${join(ROOT, 'lab/run.ts')}', 'slice=echo-gateway', 'PORT=0'])"`;

const startMake = (recipe: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'Makefile'), `run:\n\t${recipe}\n`);
  const make = spawn('make', ['run'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => {
    make.kill('SIGKILL');
  });
  return make;
};

// The output ends when all processes that can write to it have ended, so a remaining child causes a timeout.
test.each([
  { signal: 'SIGTERM', recipe: runsServer, child: 'the server' },
  { signal: 'SIGKILL', recipe: runsServer, child: 'the server' },
  { signal: 'SIGKILL', recipe: runsCommand, child: 'a command that runs the server' },
  ...(process.platform === 'linux'
    ? ([
        { signal: 'SIGINT', recipe: runsServer, child: 'the server' },
        { signal: 'SIGINT', recipe: runsCommand, child: 'a command that runs the server' },
      ] as const)
    : []),
] as const)('$signal to make alone ends $child, cleanly', { timeout: 20_000 }, async ({ signal, recipe }) => {
  const make = startMake(recipe);
  const ended = once(make, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface(make.stdout)) {
    lines.push(line);
    if (line.includes('"listening"')) make.kill(signal);
  }
  expect(lines.at(-1)).toContain('"outcome":"clean"');
  expect(await ended).toEqual([null, signal]);
});
