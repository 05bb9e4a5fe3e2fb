import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { withCommandsOf } from '../lab/child.ts';
import { ROOT } from '../lab/workspace.ts';

const LEFT_BEHIND = new Set(['.git', 'node_modules', 'data', 'coverage', '.env.local']);

/** Copies the whole repository, without what is installed in it, to a new temporary folder, the caller's to remove. */
export const copyLab = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  cpSync(ROOT, copy, { recursive: true, filter: (file) => !LEFT_BEHIND.has(basename(file)) });
  return copy;
};

/** Runs a command line in a copy of the repository, as a person would there. */
export const runIn = async (copy: string, command: string): Promise<{ code: unknown; said: string }> => {
  const child = spawn('bash', ['-c', command], {
    cwd: copy,
    env: withCommandsOf(copy, process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
};
