import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { withCommandsOf } from '../lab/child.ts';
import { ROOT } from '../lab/workspace.ts';

const watched = pathToFileURL(join(ROOT, 'lab/watched.ts')).href;

/** A package whose server prints its settings and a value of one of its modules, and runs until it is stopped. */
const plantPackage = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, '.env'), 'first');
  writeFileSync(join(folder, 'src/module.ts'), "export const value: string = 'first';");
  writeFileSync(
    join(folder, 'src/server.ts'),
    `import { readFileSync } from 'node:fs';
    import { value } from './module.ts';
    process.on('SIGTERM', () => process.exit(0));
    setInterval(() => {}, 1000);
    console.log('started with', readFileSync('.env', 'utf8'), value);`,
  );
  return folder;
};

test('a server restarts when a .env file or a module changes', { timeout: 30_000 }, async () => {
  const folder = plantPackage();
  const script = `const { runWatched } = await import('${watched}');
    process.exitCode = await runWatched(${JSON.stringify(folder)}, process.env);`;
  const dev = spawn('node', ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    env: withCommandsOf(ROOT, process.env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(dev, 'exit');
  onTestFinished(() => {
    dev.kill('SIGTERM');
  });

  const starts: string[] = [];
  for await (const line of createInterface(dev.stdout)) {
    if (!line.startsWith('started with')) continue;
    starts.push(line);
    if (starts.length === 1) writeFileSync(join(folder, '.env'), 'second');
    if (starts.length === 2) writeFileSync(join(folder, 'src/module.ts'), "export const value = 'second';");
    if (starts.length === 3) dev.kill('SIGTERM');
  }
  expect(starts).toEqual([
    'started with first first',
    'started with second first',
    'started with second second',
  ]);
  expect(await ended).toEqual([0, null]);
});
