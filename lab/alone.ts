import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ChildOptions, runCommand, withCommandsOf } from './child.ts';
import { ROOT, type WorkspacePackage } from './workspace.ts';

// Proves that a slice needs only what it declares: it is copied with its declared packages to an empty folder,
// installed there from the committed lockfile, type-checked and tested. The lockfile may contain packages that were not
// copied, but pnpm refuses it if it does not match one that was.

const ROOT_FILES = [
  'package.json',
  'pnpm-workspace.yaml',
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'vitest.config.ts',
];
/** The tools that a package may use from the root. Other tools installed there, for the lab, are left out. */
const TOOLS = new Set(['typescript', 'vitest']);
const LEFT_BEHIND = new Set(['node_modules', 'data', 'coverage', '.env.local']);

/** Copies packages to a new temporary folder, which the caller must remove. */
export const copyAlone = (packages: WorkspacePackage[]): string => {
  const alone = mkdtempSync(join(tmpdir(), 'ecommerce-lab-'));
  const filter = (file: string) => !LEFT_BEHIND.has(basename(file));
  for (const path of [...ROOT_FILES, ...packages.map(({ folder }) => folder)]) {
    if (existsSync(join(ROOT, path)))
      cpSync(join(ROOT, path), join(alone, path), { recursive: true, filter });
  }
  return alone;
};

const removeAllButTools = (modules: string): void => {
  const installed = readdirSync(modules).filter((name) => !name.startsWith('.') && !TOOLS.has(name));
  for (const name of installed) rmSync(join(modules, name), { recursive: true });
};

/** Installs in `alone`, checks the types and runs the tests of one package; resolves to the first bad exit code. */
export const checkAlone = async (
  folder: string,
  alone: string,
  options: ChildOptions = {},
): Promise<number> => {
  const run = (command: string, ...args: string[]) =>
    runCommand(command, args, { ...options, cwd: alone, env: withCommandsOf(alone, process.env) });
  const flags = ['--frozen-lockfile', '--prefer-offline', '--reporter=silent'];
  const installed = await run('node', join(ROOT, 'lab/install.mjs'), ...flags);
  if (installed !== 0) return installed;
  removeAllButTools(join(alone, 'node_modules'));
  return (await run('tsc', '--project', folder)) || (await run('vitest', 'run', `${folder}/`));
};
