import { watch } from 'node:fs';
import { PassThrough } from 'node:stream';
import { runCommand, withCommandsOf } from './child.ts';
import { ROOT } from './workspace.ts';

const SETTINGS_FILES = new Set(['.env', '.env.local', '.env.development', '.env.test', '.env.production']);

/**
 * Runs `src/server.ts` of a package, and restarts it when its `.env` files or a module that it imports change; resolves
 * with the exit code. tsx does not watch hidden files, even with `--include` (its issue 210), so the settings are
 * watched here. Pressing Return restarts a server under tsx, so a line break is sent to it.
 */
export const runWatched = async (folder: string, settings: NodeJS.ProcessEnv): Promise<number> => {
  const input = new PassThrough();
  const watcher = watch(folder, (_event, name) => {
    if (name !== null && SETTINGS_FILES.has(name)) input.write('\n');
  });
  try {
    return await runCommand('tsx', ['watch', '--clear-screen=false', 'src/server.ts'], {
      cwd: folder,
      env: withCommandsOf(ROOT, settings),
      input,
    });
  } finally {
    watcher.close();
  }
};
