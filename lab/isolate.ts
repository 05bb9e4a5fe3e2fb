import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand, withCommandsOf } from './child.ts';
import { chooseSlice } from './choose.ts';
import { listPackages, ROOT, withDependencies } from './workspace.ts';

// Proves that a slice needs nothing but what it declares: it is copied with its declared packages to an empty
// folder, installed there from the committed lockfile, type-checked and tested. The lockfile may name packages
// that were not copied; pnpm still refuses one that does not match a package that was.

const ROOT_FILES = [
  'package.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'vitest.config.ts',
];
const LEFT_BEHIND = new Set(['node_modules', 'data', 'coverage', '.env.local']);

function copyAlone(folders: string[]): string {
  const alone = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  for (const path of [...ROOT_FILES, ...folders]) {
    const source = join(ROOT, path);
    const filter = (file: string) => !LEFT_BEHIND.has(basename(file));
    if (existsSync(source)) cpSync(source, join(alone, path), { recursive: true, filter });
  }
  return alone;
}

async function checkAlone(folder: string, alone: string): Promise<number> {
  const commands: [string, ...string[]][] = [
    ['node', join(ROOT, 'lab/install.mjs'), '--frozen-lockfile', '--prefer-offline', '--reporter=silent'],
    ['tsc', '--project', folder],
    ['vitest', 'run', `${folder}/`],
  ];
  for (const [command, ...args] of commands) {
    const code = await runCommand(command, args, { cwd: alone, env: withCommandsOf(alone, process.env) });
    if (code !== 0) return code;
  }
  return 0;
}

const packages = listPackages();
const slice = chooseSlice(packages, 'isolate');
const together = withDependencies(slice, packages);
console.log(
  `${slice.id} alone, with ${
    together.length > 1
      ? together
          .slice(1)
          .map(({ id }) => id)
          .join(', ')
      : 'nothing else'
  }`,
);
const alone = copyAlone(together.map(({ folder }) => folder));
try {
  process.exitCode = await checkAlone(slice.folder, alone);
} finally {
  rmSync(alone, { recursive: true, force: true });
}
